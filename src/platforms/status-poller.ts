import { BarrageError } from '../model/errors.js';
import type { Logger } from '../model/log.js';
import { boundedWaitMs, systemClock, type Clock } from './clock.js';
import { withDeadline } from './deadline.js';
import type { Platform, RoomStatus } from './platform.js';

/** A new room's first answer comes after this, so that many that begin together share a request. */
const FIRST_WITHIN_MS = 2_000;

/** Rooms in one call, which the platform may split further: what one failure delays. */
const BATCH = 200;

/** The longest a batch may take, the platform's own queue included. */
const POLL_TIMEOUT_MS = 150_000;

export interface StatusPollerOptions {
  platform: Pick<Platform, 'id' | 'statusOfMany'>;
  /** How often each room's status is asked for, in milliseconds; give or take a tenth. */
  statusEveryMs: number;
  log: Logger;
  clock?: Clock;
  random?: () => number;
}

interface Watched {
  roomId: string;
  ownerId: string;
  listeners: Set<(status: RoomStatus) => void>;
  dueAtMs: number;
}

/** Asks for the status of all rooms that a worker waits for, as many as possible at a time. A failure delays its batch, and nothing else. */
export class StatusPoller {
  readonly #rooms = new Map<string, Watched>();
  readonly #stop = new AbortController();
  readonly #clock: Clock;
  readonly #random: () => number;
  #timer: NodeJS.Timeout | undefined;
  #polling: Promise<void> | undefined;
  #notBeforeMs = 0;

  constructor(private readonly options: StatusPollerOptions) {
    this.#clock = options.clock ?? systemClock;
    this.#random = options.random ?? Math.random;
  }

  /** Reports every answer for the room, beginning within seconds, until the returned function is called. */
  watch(room: { roomId: string; ownerId: string }, onStatus: (status: RoomStatus) => void): () => void {
    const dueAtMs = this.#clock.monotonicMs() + Math.min(FIRST_WITHIN_MS, this.options.statusEveryMs) * this.#random();
    const watched = this.#rooms.get(room.roomId) ?? { ...room, listeners: new Set(), dueAtMs };
    watched.dueAtMs = Math.min(watched.dueAtMs, dueAtMs); // a second listener wants its first answer soon, too
    const listener = (status: RoomStatus) => onStatus(status); // a function of its own: the same one may watch twice
    watched.listeners.add(listener);
    this.#rooms.set(room.roomId, watched);
    this.#schedule();
    return () => {
      watched.listeners.delete(listener);
      if (watched.listeners.size === 0 && this.#rooms.get(room.roomId) === watched) this.#rooms.delete(room.roomId);
    };
  }

  /** Nobody is told anything after this; resolves when a request under way has ended. */
  async close(): Promise<void> {
    this.#stop.abort(new BarrageError('WORKER_SHUTDOWN', 'The worker is shutting down.'));
    clearTimeout(this.#timer);
    this.#rooms.clear();
    await this.#polling;
  }

  #schedule(): void {
    clearTimeout(this.#timer);
    if (this.#polling || this.#rooms.size === 0 || this.#stop.signal.aborted) return;
    let dueAtMs = Infinity;
    for (const room of this.#rooms.values()) dueAtMs = Math.min(dueAtMs, room.dueAtMs);
    const waitMs = Math.max(dueAtMs, this.#notBeforeMs) - this.#clock.monotonicMs();
    // A timer told to wait longer than it can fires at once; after the bound this one looks again.
    this.#timer = setTimeout(() => this.#begin(), boundedWaitMs(waitMs));
  }

  #begin(): void {
    this.#polling = this.#pollDue().finally(() => {
      this.#polling = undefined;
      this.#schedule();
    });
  }

  /** Takes along what is due soon, so that rooms begun at different times come to share requests. */
  async #pollDue(): Promise<void> {
    const { statusEveryMs } = this.options;
    const now = this.#clock.monotonicMs();
    const rooms = [...this.#rooms.values()].filter(({ dueAtMs }) => dueAtMs <= now + statusEveryMs / 4);
    const nextAtMs = now + statusEveryMs * (0.9 + 0.2 * this.#random());
    for (const room of rooms) room.dueAtMs = nextAtMs;
    for (let from = 0; from < rooms.length && this.#notBeforeMs <= this.#clock.monotonicMs(); from += BATCH) {
      await this.#pollBatch(rooms.slice(from, from + BATCH));
    }
  }

  async #pollBatch(rooms: readonly Watched[]): Promise<void> {
    const { platform, log } = this.options;
    try {
      const statuses = await withDeadline(POLL_TIMEOUT_MS, this.#stop.signal, (signal) =>
        platform.statusOfMany(
          rooms.map(({ roomId, ownerId }) => ({ roomId, ownerId })),
          signal,
        ),
      );
      for (const status of statuses) this.#tell(status);
    } catch (err) {
      if (this.#stop.signal.aborted) return;
      const waitMs = err instanceof BarrageError ? boundedWaitMs(err.retryAfterMs ?? 0) : 0;
      this.#notBeforeMs = this.#clock.monotonicMs() + waitMs;
      const code = err instanceof BarrageError ? err.code : 'unexpected';
      log.warn({ platform: platform.id, rooms: rooms.length, code, waitMs }, 'could not ask for the status of rooms');
    }
  }

  #tell(status: RoomStatus): void {
    for (const listener of this.#rooms.get(status.roomId)?.listeners ?? []) {
      try {
        listener(status);
      } catch {
        this.options.log.error(
          { platform: this.options.platform.id, roomId: status.roomId },
          'a listener to a room’s status failed',
        );
      }
    }
  }
}
