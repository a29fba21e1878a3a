import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { z } from 'zod';
import type { Finding, Tally } from './fuzz-frames.js';
import type { FuzzTask } from './fuzz-worker.js';
import { makeFrame } from './make-frame.js';
import { makeSeeds } from './seeds.js';
import { SharedTally } from './shared-tally.js';
import { codeOf } from '../model/error-code.js';

export interface FuzzRun {
  seed: number;
  from: number;
  frames: number;
  /** What decoding one frame may take, in milliseconds; one that is not through after a minute is given up. */
  frameMs: number;
  /** What decoding and checking may hold, in MiB of heap. */
  heapMb: number;
  /** Captures to be mutated, too. */
  folder: string | undefined;
  /** Where findings go. */
  findings: string;
  report: (line: string) => void;
  signal: AbortSignal;
}

export interface FuzzResult {
  ok: boolean;
  seed: number;
  frames: number;
  events: number;
  undecodable: number;
  /** Frames that were also decoded again, in pieces and packet by packet, and taken through JSON and BSON. */
  again: number;
  findings: (Finding & { file: string })[];
  slowestMs: number;
  slowestFrame: number;
  peakHeapMb: number;
  peakBuffersMb: number;
  seconds: number;
  framesPerSecond: number;
}

const MiB = 1024 * 1024;
const MAX_FINDINGS = 20;
const REPORT_EVERY_MS = 10_000;
const LOOK_EVERY_MS = 50;
const STOP_WITHIN_MS = 10_000;
/** Long enough for a slow frame with twenty thousand events to be decoded and checked on a busy machine. */
const HUNG_AFTER_MS = 60_000;

const FoundInWorker = z.object({ frame: z.int(), origin: z.string(), what: z.string() });

/** Decodes frames in a worker thread, and watches it: a frame that hangs, or takes the heap, ends that thread, and the next goes on behind it. */
export async function runFuzz(run: FuzzRun): Promise<FuzzResult> {
  const startedAt = performance.now();
  const found: Finding[] = [];
  const total = new Total();
  const end = run.from + run.frames;
  for (let next = run.from; next < end && found.length < MAX_FINDINGS && !run.signal.aborted;) {
    const tally = new SharedTally();
    const fatal = await watchWorker(run, next, tally, found, total, startedAt);
    total.add(tally);
    if (fatal === undefined) break;
    found.push({ frame: tally.current, origin: '', what: fatal });
    next = tally.current + 1;
  }
  const seconds = (performance.now() - startedAt) / 1000;
  const findings = await writeFindings(run, found);
  const { peakHeapBytes, peakBufferBytes, slowestMs, ...counts } = total.sum;
  const ok = findings.length === 0 && counts.frames === run.frames;
  return {
    ok,
    seed: run.seed,
    ...counts,
    findings,
    slowestMs: Math.round(slowestMs * 10) / 10,
    peakHeapMb: Math.ceil(peakHeapBytes / MiB),
    peakBuffersMb: Math.ceil(peakBufferBytes / MiB),
    seconds: Math.round(seconds * 10) / 10,
    framesPerSecond: Math.round(counts.frames / seconds),
  };
}

/** Over all workers of a run. */
class Total {
  sum: Tally & { peakHeapBytes: number; peakBufferBytes: number } = new SharedTally().read();

  with(tally: SharedTally): typeof this.sum {
    const [before, now] = [this.sum, tally.read()];
    const slower = now.slowestMs > before.slowestMs ? now : before;
    return {
      frames: before.frames + now.frames,
      events: before.events + now.events,
      undecodable: before.undecodable + now.undecodable,
      again: before.again + now.again,
      slowestMs: slower.slowestMs,
      slowestFrame: slower.slowestFrame,
      peakHeapBytes: Math.max(before.peakHeapBytes, now.peakHeapBytes),
      peakBufferBytes: Math.max(before.peakBufferBytes, now.peakBufferBytes),
    };
  }

  add(tally: SharedTally): void {
    this.sum = this.with(tally);
  }
}

/** Resolves when the worker is through, or with what its frame did to it. */
async function watchWorker(
  run: FuzzRun,
  from: number,
  tally: SharedTally,
  found: Finding[],
  total: Total,
  startedAt: number,
): Promise<string | undefined> {
  const { seed, frameMs, folder, heapMb } = run;
  const task: FuzzTask = {
    seed,
    from,
    to: run.from + run.frames,
    frameMs,
    shared: tally.shared,
    ...(folder !== undefined && { folder }),
  };
  const worker = new Worker(new URL('./fuzz-worker.js', import.meta.url), {
    workerData: task,
    resourceLimits: { maxOldGenerationSizeMb: heapMb, maxYoungGenerationSizeMb: 32 },
  });
  let ended = false;
  let fatal: string | undefined;
  worker.on('message', (message: unknown) => {
    found.push(FoundInWorker.parse(message));
    if (found.length >= MAX_FINDINGS) tally.stop();
  });
  worker.on('error', (error: unknown) => (fatal = fatalOf(error, heapMb)));
  const exit = new Promise<void>((resolve) => worker.once('exit', () => resolve())).then(() => (ended = true));
  const watch = new Watch(run, tally, total, startedAt);
  while (!ended) {
    await Promise.race([exit, pause(LOOK_EVERY_MS)]);
    const hung = ended ? undefined : watch.look();
    if (hung === undefined) continue;
    await worker.terminate();
    return hung === '' ? undefined : hung;
  }
  return fatal;
}

const fatalOf = (error: unknown, heapMb: number): string => {
  if (codeOf(error) === 'ERR_WORKER_OUT_OF_MEMORY') return `more than ${heapMb} MiB of heap are in use`;
  return `the worker failed: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`;
};

/** Sees that frames go by. */
class Watch {
  #frame = -2;
  #since = performance.now();
  #reportedAt = performance.now();
  #stoppedAt: number | undefined;

  constructor(
    private readonly run: FuzzRun,
    private readonly tally: SharedTally,
    private readonly total: Total,
    private readonly startedAt: number,
  ) {}

  /** What is wrong with the frame under way; empty text where the run is to be given up without anybody's fault. */
  look(): string | undefined {
    const now = performance.now();
    const { signal } = this.run;
    if (this.tally.current !== this.#frame) {
      this.#frame = this.tally.current;
      this.#since = now;
    } else if (this.#frame >= 0 && now - this.#since > HUNG_AFTER_MS)
      return `it is not through after ${Math.round(now - this.#since)} ms`;
    if (signal.aborted) {
      this.#stoppedAt ??= now;
      this.tally.stop();
      if (now - this.#stoppedAt > STOP_WITHIN_MS) return '';
    }
    if (now - this.#reportedAt > REPORT_EVERY_MS) this.#report(now);
    return undefined;
  }

  #report(now: number): void {
    this.#reportedAt = now;
    const { frames, events, undecodable, slowestMs } = this.total.with(this.tally);
    const rate = Math.round(frames / ((now - this.startedAt) / 1000));
    const counts = `${frames} frames (${rate}/s), ${events} events, ${undecodable} undecodable`;
    this.run.report(`${counts}, slowest ${slowestMs.toFixed(1)} ms`);
  }
}

/** Each finding's frame, as a file for the corpus. */
async function writeFindings(
  { seed, folder, findings }: FuzzRun,
  found: readonly Finding[],
): Promise<FuzzResult['findings']> {
  if (found.length === 0) return [];
  const seeds = makeSeeds(folder);
  await mkdir(findings, { recursive: true });
  return Promise.all(
    found.map(async (finding) => {
      const { bytes, origin } = makeFrame(seeds, seed, finding.frame);
      const file = join(findings, `seed-${seed}-frame-${finding.frame}.bin`);
      await writeFile(file, bytes);
      return { ...finding, origin, file };
    }),
  );
}
