import { setImmediate as turn } from 'node:timers/promises';
import { BarrageError } from '../model/errors.js';
import type { Counters } from './counters.js';
import type { SpoolDatabase } from './database.js';
import { DiskFailure } from './disk-failure.js';
import type { DiskHealth } from './disk-health.js';
import { Draft } from './draft.js';
import { APPENDS_UNDER_WAY } from './spool.js';
import { Waiters } from './waiters.js';

const MiB = 1024 * 1024;

/**
 * Entries of one transaction: what collected while the one before it was on its way to the disk, up to this. It is about what one read takes, so that a
 * reader, who has one acknowledgement under way, keeps up with a spool that is filled as fast as the disk allows.
 */
const MAX_GROUP_BYTES = MiB;

/**
 * A transaction writes some ten pages beside its entries. So while little comes in, the next one begins this long after the one before it
 * began, or as soon as there is enough to be worth them. The first after a silence does not wait.
 */
const INTERVAL_MS = 4;
/** The same where nobody waits for any of it. */
const PATIENT_INTERVAL_MS = 1_000;
const ENOUGH_BYTES = 64 * 1024;

/**
 * `append` needs room on the disk; a `record` is small and too dear to lose; an `upkeep` gives room back. The first two keep their order. An upkeep is
 * about what is on the disk already, and goes with the next group: behind a backlog of appends it would hold the reader up, which would then find its
 * entries on the disk only.
 */
export type JobKind = 'append' | 'record' | 'upkeep';

interface Job {
  kind: JobKind;
  bytes: number;
  isPatient: boolean;
  apply(draft: Draft): void;
  settle(): void;
  refuse(error: unknown): void;
}

/**
 * Group commit: one transaction at a time, and whatever is asked for meanwhile goes into the next. So the disk's latency sets the size of
 * a group, and not the rate of events.
 */
export class Committer {
  private queue: Job[] = [];
  private running: Promise<void> | undefined;
  private startedAt: number | undefined;
  private lastStartedAt = -PATIENT_INTERVAL_MS;
  private readonly changes = new Waiters();
  private waitsUntil: number | undefined;
  private isEnding = false;
  private waitingBytes = 0;

  constructor(
    private readonly database: SpoolDatabase,
    private readonly health: DiskHealth,
    private committed: Counters,
    private readonly onCommit: (draft: Draft) => void,
  ) {}

  /** As of the last transaction on the disk. */
  get counters(): Readonly<Counters> {
    return this.committed;
  }

  /** Bytes of entries that are not on the disk yet. */
  get queuedBytes(): number {
    return this.waitingBytes;
  }

  /** Milliseconds that the running transaction has taken so far. */
  get busyMs(): number {
    return this.startedAt === undefined ? 0 : performance.now() - this.startedAt;
  }

  /**
   * Resolves with what `apply` returned once its transaction is on the disk. What `apply` throws refuses this job alone: it must throw before it changes the draft.
   * @param isPatient whether it may wait a second for others
   */
  run<T>(kind: JobKind, bytes: number, apply: (draft: Draft) => T, isPatient = false): Promise<T> {
    return new Promise((resolve, reject) => {
      let settle = () => reject(new Error('This job was never applied.'));
      this.queue.push({
        kind,
        bytes,
        isPatient,
        apply: (draft) => {
          const result = apply(draft);
          settle = () => resolve(result);
        },
        settle: () => settle(),
        refuse: reject,
      });
      this.waitingBytes += bytes;
      if (this.waitsUntil !== undefined && this.dueAt() < this.waitsUntil) this.changes.wake();
      this.start();
    });
  }

  /** Looks whether the disk takes writes again, though nobody asks for one. */
  start(): void {
    this.running ??= this.drain().finally(() => (this.running = undefined));
  }

  /** Resolves when nothing is under way. From now on nothing is patient. */
  async idle(): Promise<void> {
    this.isEnding = true;
    this.changes.wake();
    while (this.running) await this.running;
  }

  private async drain(): Promise<void> {
    // A turn of the event loop lets those who were just answered, and those who came in with the same frame, join the next group.
    for (await turn(); this.queue.length > 0 || this.health.isProbeDue(); await turn()) {
      await this.untilWorthIt();
      this.startedAt = performance.now();
      if (this.health.isProbeDue()) await this.health.probe();
      const group = this.take();
      if (group.length > 0) await this.commit(group);
      this.startedAt = undefined;
    }
  }

  private async untilWorthIt(): Promise<void> {
    // Timers know whole milliseconds.
    for (let due = this.dueAt(); due - performance.now() >= 1; due = this.dueAt()) {
      this.waitsUntil = due;
      await this.changes.wait(undefined, due - performance.now());
    }
    this.waitsUntil = undefined;
    this.lastStartedAt = performance.now();
  }

  /** When the next transaction is worth it, on the clock of `performance.now`. */
  private dueAt(): number {
    if (this.waitingBytes >= ENOUGH_BYTES) return this.lastStartedAt;
    const { length } = this.queue;
    const isPatient =
      !this.isEnding && length > 0 && length < APPENDS_UNDER_WAY && this.queue.every((job) => job.isPatient);
    return this.lastStartedAt + (isPatient ? PATIENT_INTERVAL_MS : INTERVAL_MS);
  }

  private take(): Job[] {
    let bytes = 0;
    const end = this.queue.findIndex((job, at) => (bytes += job.bytes) > MAX_GROUP_BYTES && at > 0);
    if (end === -1) return this.queue.splice(0);
    const later = this.queue.splice(end);
    const group = [...this.queue, ...later.filter(isUpkeep)];
    this.queue = later.filter((job) => !isUpkeep(job));
    return group;
  }

  private async commit(group: Job[]): Promise<void> {
    try {
      const applied = await this.withRoom(group);
      const draft = new Draft(this.committed, Date.now());
      const jobs = applied.filter((job) => applyOrRefuse(job, draft));
      if (!draft.isEmpty) await this.database.commit(draft.finish());
      this.committed = draft.counters;
      this.onCommit(draft);
      for (const job of jobs) job.settle();
    } catch (error) {
      const refusal = error instanceof DiskFailure ? this.health.fail(error) : error;
      for (const job of group) job.refuse(refusal); // for those refused before, of no effect
    } finally {
      for (const job of group) this.waitingBytes -= job.bytes;
    }
  }

  /** The jobs that the disk has room for; refuses the others. */
  private async withRoom(group: Job[]): Promise<Job[]> {
    if (this.health.isBroken) {
      for (const job of group) job.refuse(this.health.failure);
      return [];
    }
    const bytesOf = (kind: JobKind) => group.reduce((sum, job) => sum + (job.kind === kind ? job.bytes : 0), 0);
    const { bytes: pendingBytes } = this.committed;
    const records = bytesOf('record');
    const hasAppends = group.some(({ kind }) => kind === 'append');
    if (await this.database.reserve(records + bytesOf('append'), pendingBytes, hasAppends ? 'append' : 'record'))
      return group;
    const refusal = this.health.fail(new DiskFailure('no space left', true, false));
    const keepsRecords = await this.database.reserve(records, pendingBytes, 'record');
    return group.filter((job) => {
      if (job.kind === 'upkeep' || (job.kind === 'record' && keepsRecords)) return true;
      job.refuse(refusal);
      return false;
    });
  }
}

const isUpkeep = ({ kind }: Job): boolean => kind === 'upkeep';

function applyOrRefuse(job: Job, draft: Draft): boolean {
  try {
    job.apply(draft);
    return true;
  } catch (error) {
    job.refuse(error instanceof Error ? error : new BarrageError('SPOOL_FAILED', 'The spool refused this.'));
    return false;
  }
}
