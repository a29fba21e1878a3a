import { createHistogram, type RecordableHistogram } from 'node:perf_hooks';
import type { SpoolRange } from '../model/records.js';

/** The distribution of how long events took from the socket to MongoDB's acknowledgement. */
export class LagSketch {
  readonly #histogram: RecordableHistogram = createHistogram();

  get isEmpty(): boolean {
    return this.#histogram.count === 0;
  }

  /** `ackedAt` in milliseconds since the epoch; a clock that was set back counts as no lag. */
  add(range: SpoolRange, ackedAt: number, each: (seconds: number) => void): void {
    for (const entry of range.entries) {
      if (entry.type !== 'event') continue;
      const lagMs = Math.max(0, ackedAt - entry.event.receivedAt);
      this.#histogram.record(Math.max(1, Math.round(lagMs)));
      each(lagMs / 1000);
    }
  }

  /** In milliseconds. */
  summary(): { p50: number; p99: number; max: number } {
    const { max } = this.#histogram;
    return { p50: this.#histogram.percentile(50), p99: this.#histogram.percentile(99), max };
  }
}
