import { setTimeout as sleep } from 'node:timers/promises';
import { MongoServerError } from 'mongodb';
import { z } from 'zod';
import { abortable } from '../model/abortable.js';
import { COLLECTIONS } from './collections.js';
import { withDeadline } from './deadline.js';
import { DUPLICATE_KEY } from './failure.js';
import type { Server } from './server.js';

/**
 * For servers whose updates are not atomic: one process at a time updates. An insert with a given `_id` succeeds for one of them only, on every server, so
 * a document is the lock. One whose holder died is taken over when its lease is past; the holder's command is cut off before that.
 * Taking and releasing cost a synchronous write each, as much as an update, so a process keeps the lock over updates that follow each other closely.
 */
const LOCK_ID = 'updates';
const LEASE_MS = 5_000;
const HOLD_MS = 3_000;
/** The lock is kept this long for a next update, and never longer than this in all: others wait, too. Lease > longest + hold. */
const LINGER_MS = 30;
const LONGEST_MS = 500;
const RETRY_MIN_MS = 2;
const RETRY_MAX_MS = 25;

const Lock = z.object({ _id: z.string(), owner: z.string(), until: z.date() });

export class UpdateLock {
  #takings = 0;
  /** Those of this process stand in line here, where waiting costs nothing. */
  #last: Promise<unknown> = Promise.resolve();
  #waiting = 0;
  #held: { holder: string; since: number } | undefined;
  #lingering: NodeJS.Timeout | undefined;

  constructor(
    readonly server: Server,
    /** Unlike that of any other process. */
    readonly owner: string,
    readonly now: () => number,
  ) {}

  /** Runs `update` while nobody else does, for as long as its signal lets it. */
  hold<T>(signal: AbortSignal, update: (holdMs: number, signal: AbortSignal) => Promise<T>): Promise<T> {
    this.#waiting += 1;
    return this.#inLine(() => this.#holdNow(signal, update));
  }

  /** Gives the lock back; for the end of the process. */
  async close(): Promise<void> {
    await this.#inLine(() => this.#giveBack());
  }

  #inLine<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#last.then(work);
    this.#last = turn.catch(() => undefined);
    return turn;
  }

  async #holdNow<T>(signal: AbortSignal, update: (holdMs: number, signal: AbortSignal) => Promise<T>): Promise<T> {
    clearTimeout(this.#lingering);
    try {
      if (this.#held === undefined || performance.now() - this.#held.since > LONGEST_MS) await this.#takeAnew(signal);
      const result = await withDeadline(HOLD_MS, signal, (within) => update(HOLD_MS, within));
      this.#waiting -= 1;
      if (this.#waiting === 0) this.#lingering = setTimeout(() => void this.close(), LINGER_MS);
      return result;
    } catch (error) {
      this.#waiting -= 1;
      await this.#giveBack(); // after an abort, too: the next one should not have to wait for the lease to end
      throw error;
    }
  }

  async #takeAnew(signal: AbortSignal): Promise<void> {
    await this.#giveBack();
    const holder = `${this.owner}.${++this.#takings}`;
    this.#held = { holder, since: performance.now() };
    await abortable(this.#take(holder, signal), signal);
    this.#held = { holder, since: performance.now() };
  }

  async #giveBack(): Promise<void> {
    clearTimeout(this.#lingering);
    const { holder } = this.#held ?? {};
    this.#held = undefined;
    if (holder === undefined) return;
    await this.#release(holder).catch(() => undefined);
  }

  async #take(holder: string, signal: AbortSignal): Promise<void> {
    const locks = this.server.db.collection<{ _id: string }>(COLLECTIONS.locks);
    for (;;) {
      signal.throwIfAborted();
      if (await this.#insert(holder, signal)) return;
      const held = Lock.nullable().parse(await locks.findOne({ _id: LOCK_ID }, { signal }));
      if (held && held.until.getTime() < this.now()) await this.#release(held.owner);
      else await sleep(RETRY_MIN_MS + Math.random() * (RETRY_MAX_MS - RETRY_MIN_MS), undefined, { signal });
    }
  }

  async #insert(holder: string, signal: AbortSignal): Promise<boolean> {
    const lock = { _id: LOCK_ID, owner: holder, until: new Date(this.now() + LEASE_MS) };
    const command = { insert: COLLECTIONS.locks, documents: [lock] };
    try {
      return (await this.server.write(command, HOLD_MS, signal)).duplicates.length === 0;
    } catch (error) {
      if (error instanceof MongoServerError && error.code === DUPLICATE_KEY) return false;
      throw error;
    }
  }

  async #release(holder: string): Promise<void> {
    const command = { delete: COLLECTIONS.locks, deletes: [{ q: { _id: LOCK_ID, owner: holder }, limit: 1 }] };
    await withDeadline(HOLD_MS, undefined, (within) => this.server.db.command(command, { signal: within }));
  }
}
