/** The thread in which frames are decoded: it may be ended at any moment, and what it has done is in shared memory. */
import { getHeapStatistics } from 'node:v8';
import { parentPort, workerData } from 'node:worker_threads';
import { z } from 'zod';
import { emptyTally, fuzzFrames } from './fuzz-frames.js';
import { makeSeeds } from './seeds.js';
import { HEAVY_EVERY } from './make-frame.js';
import { SharedTally } from './shared-tally.js';

export const FuzzTask = z.object({
  seed: z.int(),
  from: z.int(),
  to: z.int(),
  frameMs: z.int(),
  folder: z.string().optional(),
  shared: z.instanceof(SharedArrayBuffer),
});
export type FuzzTask = z.output<typeof FuzzTask>;

const LOOK_EVERY = 512;

function main({ folder, shared, ...options }: FuzzTask): void {
  const memory = new SharedTally(shared);
  const tally = emptyTally();
  const look = (): void =>
    memory.publish(tally, getHeapStatistics().used_heap_size, process.memoryUsage().arrayBuffers);
  const before = (n: number): boolean => {
    // What a heavy frame leaves is seen before the collector is.
    if (n % LOOK_EVERY === 0 || n % HEAVY_EVERY === 0) look();
    memory.begin(n);
    return !memory.isToStop;
  };
  fuzzFrames({
    ...options,
    seeds: makeSeeds(folder),
    tally,
    before,
    found: (finding) => parentPort?.postMessage(finding),
  });
  look();
}

main(FuzzTask.parse(workerData));
