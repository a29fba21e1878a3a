/** The thread in which frames are decoded: it may be ended at any moment, and what it has done is in shared memory. */
import { setImmediate as turn } from 'node:timers/promises';
import { getHeapStatistics } from 'node:v8';
import { parentPort, workerData } from 'node:worker_threads';
import { z } from 'zod';
import { emptyTally, type Finding, fuzzFrames } from './fuzz-frames.js';
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

async function main({ folder, shared, from, to, ...options }: FuzzTask): Promise<void> {
  const memory = new SharedTally(shared);
  const tally = emptyTally();
  const seeds = makeSeeds(folder);
  const look = (): void =>
    memory.publish(tally, getHeapStatistics().used_heap_size, process.memoryUsage().arrayBuffers);
  const before = (n: number): boolean => {
    if (n % HEAVY_EVERY === 0) look(); // what a heavy frame leaves is seen before the collector is
    memory.begin(n);
    return !memory.isToStop;
  };
  const found = (finding: Finding): void => parentPort?.postMessage(finding);
  for (let at = from; at < to && !memory.isToStop; at += LOOK_EVERY) {
    fuzzFrames({ ...options, seeds, tally, before, found, from: at, to: Math.min(to, at + LOOK_EVERY) });
    look();
    await turn(); // a zlib stream that failed is kept until then
  }
}

await main(FuzzTask.parse(workerData));
