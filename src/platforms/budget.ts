import { BarrageError, type ErrorCode } from '../model/errors.js';
import { boundedWaitMs, type Clock, systemClock } from './clock.js';

/** Waits up to this are sat out; longer ones are for the caller, who can do without a thread of execution meanwhile. */
const SHORT_WAIT_MS = 5_000;

/** Where the queue for one host ends: a request whose turn comes later than this is refused. */
const LONGEST_TURN_MS = 120_000;

export interface BudgetOptions {
  requestsPerSecond: number;
  /** How many may go at once after a pause. */
  burst: number;
}

interface Block {
  until: number;
  code: ErrorCode;
}

/**
 * How often each host may be asked, and which are to be left alone, for all rooms of a worker together.
 * Every request calls {@link take} first; an answer that asks for a pause is reported by {@link block}.
 */
export class RequestBudget {
  /** By host, when its next request would be due if they came evenly (the generic cell rate algorithm's one number). */
  readonly #due = new Map<string, number>();
  readonly #blocks = new Map<string, Block>();

  constructor(
    private readonly options: BudgetOptions,
    private readonly clock: Clock = systemClock,
  ) {}

  /**
   * Resolves when a request to the host may go out. `scope` names a part of the host's requests that can be blocked by itself.
   * Throws the error the host was blocked for, with the wait that is left; `RATE_LIMITED` when the queue is too long.
   */
  async take(host: string, signal: AbortSignal, scope?: string): Promise<void> {
    const keys = scope === undefined ? [host] : [host, `${host} ${scope}`];
    for (;;) {
      await this.#passBlocks(keys, signal);
      const turnInMs = this.#reserve(host);
      if (turnInMs <= 0) return;
      await this.clock.sleep(turnInMs, signal);
      // Somebody may have been told to stop while this one queued: then it queues again, or all would go at once.
      if (!this.#longestBlock(keys)) return;
    }
  }

  /** Lets nothing more through for `forMs`; an earlier, longer block stays. Returns the wait, within bounds. */
  block(host: string, forMs: number, code: ErrorCode, scope?: string): number {
    const key = scope === undefined ? host : `${host} ${scope}`;
    const waitMs = boundedWaitMs(forMs);
    const until = this.clock.monotonicMs() + waitMs;
    if ((this.#blocks.get(key)?.until ?? 0) < until) this.#blocks.set(key, { until, code });
    return waitMs;
  }

  async #passBlocks(keys: readonly string[], signal: AbortSignal): Promise<void> {
    for (;;) {
      signal.throwIfAborted();
      const block = this.#longestBlock(keys);
      if (!block) return;
      const leftMs = Math.ceil(block.until - this.clock.monotonicMs());
      if (leftMs > SHORT_WAIT_MS) {
        const seconds = Math.ceil(leftMs / 1000);
        throw new BarrageError(
          block.code,
          `${keys[0]} asked to be left alone; ${seconds} s are left of that.`,
          { host: keys[0] ?? '' },
          leftMs,
        );
      }
      await this.clock.sleep(leftMs, signal);
    }
  }

  #longestBlock(keys: readonly string[]): Block | undefined {
    const now = this.clock.monotonicMs();
    let longest: Block | undefined;
    for (const key of keys) {
      const block = this.#blocks.get(key);
      if (!block) continue;
      if (block.until <= now) this.#blocks.delete(key);
      else if (!longest || block.until > longest.until) longest = block;
    }
    return longest;
  }

  /** Takes the next turn and returns how long it is until then. */
  #reserve(host: string): number {
    const now = this.clock.monotonicMs();
    const everyMs = 1000 / this.options.requestsPerSecond;
    const due = Math.max(this.#due.get(host) ?? 0, now);
    const turnInMs = Math.max(0, due - (this.options.burst - 1) * everyMs - now);
    if (turnInMs > LONGEST_TURN_MS) {
      throw new BarrageError(
        'RATE_LIMITED',
        `Too many requests wait for ${host}; this one was not sent.`,
        { host },
        Math.ceil(turnInMs - LONGEST_TURN_MS),
      );
    }
    this.#due.set(host, due + everyMs);
    return turnInMs;
  }
}
