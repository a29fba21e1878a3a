import type { Clock } from '../../src/platforms/clock.js';

/** A clock that a test moves. Sleeps end when the time has come, in their order. */
export class ManualClock implements Clock {
  #monotonic = 1_000;
  #sleepers: { at: number; wake: () => void }[] = [];
  wallOffset = 1_790_000_000_000;

  now(): number {
    return this.wallOffset + this.#monotonic;
  }

  monotonicMs(): number {
    return this.#monotonic;
  }

  get sleepers(): number {
    return this.#sleepers.length;
  }

  async sleep(ms: number, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    await new Promise<void>((resolve, reject) => {
      const abort = () => {
        this.#sleepers = this.#sleepers.filter((other) => other !== sleeper);
        reject(signal.reason instanceof Error ? signal.reason : new Error('aborted'));
      };
      const wake = () => {
        signal.removeEventListener('abort', abort);
        resolve();
      };
      const sleeper = { at: this.#monotonic + ms, wake };
      this.#sleepers.push(sleeper);
      signal.addEventListener('abort', abort);
    });
  }

  /** Steps from one due sleeper to the next, letting each run before the next one wakes. */
  async advance(ms: number): Promise<void> {
    const end = this.#monotonic + ms;
    for (;;) {
      await settled();
      const next = this.#sleepers.sort((a, b) => a.at - b.at)[0];
      if (!next || next.at > end) break;
      this.#sleepers.shift();
      this.#monotonic = Math.max(this.#monotonic, next.at);
      next.wake();
    }
    this.#monotonic = end;
    await settled();
  }
}

const settled = () => new Promise((resolve) => setImmediate(resolve));
