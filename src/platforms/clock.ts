import { setTimeout as wait } from 'node:timers/promises';

/** The longest that an answer can make us wait, whatever it says. */
const LONGEST_WAIT_MS = 6 * 3_600_000;

/** A wait in milliseconds that was told by somebody else, within bounds that every timer takes; what is no wait is 0. */
export const boundedWaitMs = (ms: number): number => (ms > 0 ? Math.min(ms, LONGEST_WAIT_MS) : 0);

/** Time, as the platforms see it; a test brings its own. */
export interface Clock {
  /** Milliseconds since the epoch, for what is written down. It may jump. */
  now(): number;
  /** Milliseconds since some moment, for waits and deadlines. It never jumps. */
  monotonicMs(): number;
  /** Rejects with the signal's reason when that aborts first. */
  sleep(ms: number, signal: AbortSignal): Promise<void>;
}

export const systemClock: Clock = {
  now: () => Date.now(),
  monotonicMs: () => performance.now(),
  async sleep(ms, signal) {
    try {
      await wait(ms, undefined, { signal });
    } catch (err) {
      signal.throwIfAborted(); // the reason itself, not the AbortError that Node wraps around it
      throw err;
    }
  },
};
