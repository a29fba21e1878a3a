import type { Tally } from './fuzz-frames.js';

const COUNTERS = ['frames', 'events', 'undecodable', 'again', 'slowestMs', 'slowestFrame'] as const;
const PLACE = {
  current: 0,
  stop: 1,
  counters: 2,
  peakHeap: 2 + COUNTERS.length,
  peakBuffers: 3 + COUNTERS.length,
} as const;
const PLACES = 4 + COUNTERS.length;

/**
 * How far a worker is, in memory that outlives it. Doubles, each written by one side alone and read by the other: a value that is a
 * moment old is as good as any.
 */
export class SharedTally {
  readonly #values: Float64Array;

  constructor(readonly shared = new SharedArrayBuffer(PLACES * Float64Array.BYTES_PER_ELEMENT)) {
    this.#values = new Float64Array(shared);
  }

  /** The frame that is being decoded; −1 before the first. */
  get current(): number {
    return (this.#values[PLACE.current] ?? 0) - 1;
  }

  begin(frame: number): void {
    this.#values[PLACE.current] = frame + 1;
  }

  get isToStop(): boolean {
    return this.#values[PLACE.stop] === 1;
  }

  stop(): void {
    this.#values[PLACE.stop] = 1;
  }

  publish(tally: Tally, heapBytes: number, bufferBytes: number): void {
    const values = this.#values;
    for (const [at, name] of COUNTERS.entries()) values[PLACE.counters + at] = tally[name];
    values[PLACE.peakHeap] = Math.max(values[PLACE.peakHeap] ?? 0, heapBytes);
    values[PLACE.peakBuffers] = Math.max(values[PLACE.peakBuffers] ?? 0, bufferBytes);
  }

  /** As last published. */
  read(): Tally & { peakHeapBytes: number; peakBufferBytes: number } {
    const at = (place: number): number => this.#values[place] ?? 0;
    const [frames, events, undecodable, again, slowestMs, slowestFrame] = COUNTERS.map((_, index) =>
      at(PLACE.counters + index),
    );
    const counts = { frames: frames ?? 0, events: events ?? 0, undecodable: undecodable ?? 0, again: again ?? 0 };
    const slowest = { slowestMs: slowestMs ?? 0, slowestFrame: slowestFrame ?? -1 };
    return { ...counts, ...slowest, peakHeapBytes: at(PLACE.peakHeap), peakBufferBytes: at(PLACE.peakBuffers) };
  }
}
