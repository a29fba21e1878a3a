import { abortable } from '../model/abortable.js';
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

/** The requests to one host, first come, first served. */
interface Line {
  /** When its next request would be due if they came evenly (the generic cell rate algorithm's one number). */
  due: number;
  waiting: number;
  /** Resolves when everybody who waits has gone or given up. */
  empty: Promise<void>;
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
  readonly #everyMs: number;
  readonly #lines = new Map<string, Line>();
  readonly #blocks = new Map<string, Block>();

  constructor(
    private readonly options: BudgetOptions,
    private readonly clock: Clock = systemClock,
  ) {
    this.#everyMs = 1000 / options.requestsPerSecond;
  }

  /**
   * Resolves when a request to the host may go out. `scope` names a part of the host's requests that can be blocked by itself.
   * Throws the error the host was blocked for, with the wait that is left; `RATE_LIMITED` when the queue is too long.
   */
  async take(host: string, signal: AbortSignal, scope?: string): Promise<void> {
    const keys = scope === undefined ? [host] : [host, `${host} ${scope}`];
    signal.throwIfAborted();
    this.#blockedForMs(keys);
    const line = this.#lineTo(host);
    const ahead = line.empty;
    let leave = () => {};
    const left = new Promise<void>((resolve) => (leave = resolve));
    line.empty = ahead.then(() => left);
    line.waiting += 1;
    try {
      await abortable(ahead, signal);
      // A short block is sat out at the head of the line: else those who asked last would be as soon as those who have waited.
      const waitMs = (): number => Math.max(this.#blockedForMs(keys), this.#turnInMs(line));
      for (let inMs = waitMs(); inMs > 0; inMs = waitMs()) await this.clock.sleep(Math.ceil(inMs), signal);
      line.due = Math.max(line.due, this.clock.monotonicMs()) + this.#everyMs; // who gives up has taken no turn
    } finally {
      line.waiting -= 1;
      leave();
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

  /** How long a block still is that is short enough to be sat out; 0 where there is none. Throws for a longer one. */
  #blockedForMs(keys: readonly string[]): number {
    const block = this.#longestBlock(keys);
    if (!block) return 0;
    const leftMs = Math.ceil(block.until - this.clock.monotonicMs());
    if (leftMs <= SHORT_WAIT_MS) return leftMs;
    throw new BarrageError(
      block.code,
      `${keys[0]} asked to be left alone; ${Math.ceil(leftMs / 1000)} s are left of that.`,
      { host: keys[0] ?? '' },
      leftMs,
    );
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

  /** Throws where the last of the line would wait for too long. */
  #lineTo(host: string): Line {
    const line = this.#lines.get(host) ?? { due: 0, waiting: 0, empty: Promise.resolve() };
    this.#lines.set(host, line);
    const turnInMs = this.#turnInMs(line, line.waiting);
    if (turnInMs <= LONGEST_TURN_MS) return line;
    throw new BarrageError(
      'RATE_LIMITED',
      `Too many requests wait for ${host}; this one was not sent.`,
      { host },
      Math.ceil(turnInMs - LONGEST_TURN_MS),
    );
  }

  /** How long it is until the one with so many ahead may go. */
  #turnInMs({ due }: Line, ahead = 0): number {
    const now = this.clock.monotonicMs();
    return Math.max(0, Math.max(due, now) + (ahead + 1 - this.options.burst) * this.#everyMs - now);
  }
}
