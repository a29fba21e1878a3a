import { decodeFrame, type DecodedFrame } from '../platforms/bilibili/decode-frame.js';
import { drawFrom, mixSeed } from '../simulator/random.js';
import { differsOnRepeat, differsOverTcp, differsWhenCut, differsWithSpaces } from './check-again.js';
import { changedOnTheWay, complaintAbout } from './check-frame.js';
import { makeFrame, type FuzzFrame } from './make-frame.js';
import type { Seeds } from './seeds.js';

/** A frame of which something does not hold. */
export interface Finding {
  /** Its number; with the seed, and the same seeds, it can be made again. */
  frame: number;
  origin: string;
  what: string;
}

/** What was done, added up. */
export interface Tally {
  frames: number;
  events: number;
  undecodable: number;
  /** Frames that were also decoded in every other way. */
  again: number;
  slowestMs: number;
  slowestFrame: number;
}

export const emptyTally = (): Tally => ({
  frames: 0,
  events: 0,
  undecodable: 0,
  again: 0,
  slowestMs: 0,
  slowestFrame: -1,
});

export interface FuzzOptions {
  seeds: Seeds;
  seed: number;
  /** The number of the first frame, and of the first one that is not decoded any more. */
  from: number;
  to: number;
  /** What one frame may take, in milliseconds. */
  frameMs: number;
  tally: Tally;
  /** Told before each frame is decoded. @returns whether to go on */
  before?: (frame: number) => boolean;
  found: (finding: Finding) => void;
}

/** One frame in so many is also decoded again, in pieces, and packet by packet, and goes through the spool's JSON and BSON. */
const AGAIN_EVERY = 16;
/** The streamer, as one of the senders is. */
const OPTIONS = { ownerId: '7' };

/** Makes, decodes and checks one frame after the other. */
export function fuzzFrames({ seeds, seed, from, to, frameMs, tally, before, found }: FuzzOptions): void {
  for (let n = from; n < to; n++) {
    const frame = makeFrame(seeds, seed, n);
    if (before?.(n) === false) return;
    const what = fuzzFrame(frame, seed, n, frameMs, tally);
    tally.frames += 1;
    if (what !== undefined) found({ frame: n, origin: frame.origin, what });
  }
}

function fuzzFrame(frame: FuzzFrame, seed: number, n: number, frameMs: number, tally: Tally): string | undefined {
  try {
    const { decoded, ms } = timed(frame.bytes);
    tally.events += decoded.events.length;
    tally.undecodable += decoded.undecodable.length;
    return (
      tooSlow(frame, n, ms, frameMs, tally) ??
      complaintAbout(frame, decoded) ??
      (n % AGAIN_EVERY === 0 ? again(frame, seed, n, decoded, tally) : undefined)
    );
  } catch (error) {
    return `it throws: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`;
  }
}

function timed(bytes: Buffer): { decoded: DecodedFrame; ms: number } {
  const startedAt = performance.now();
  const decoded = decodeFrame(bytes, OPTIONS);
  return { decoded, ms: performance.now() - startedAt };
}

const RETRIES = 3;

/**
 * A frame that took long is decoded again, and the best time counts, by the clock or by the processor: the others are a busy machine's, or the
 * garbage collector's.
 */
function tooSlow({ bytes }: FuzzFrame, n: number, first: number, frameMs: number, tally: Tally): string | undefined {
  if (first <= tally.slowestMs) return undefined;
  let ms = first;
  for (let retry = 0; retry < RETRIES; retry++) {
    const before = process.cpuUsage();
    const byClock = timed(bytes).ms;
    const { user, system } = process.cpuUsage(before);
    ms = Math.min(ms, byClock, (user + system) / 1000);
  }
  if (ms > tally.slowestMs) {
    tally.slowestMs = ms;
    tally.slowestFrame = n;
  }
  return ms > frameMs ? `it takes ${Math.round(ms)} ms` : undefined;
}

function again({ bytes }: FuzzFrame, seed: number, n: number, decoded: DecodedFrame, tally: Tally): string | undefined {
  tally.again += 1;
  return (
    differsOnRepeat(bytes, decoded, OPTIONS) ??
    differsWhenCut(drawFrom(mixSeed(seed, n)), bytes) ??
    differsOverTcp(bytes, decoded, OPTIONS) ??
    differsWithSpaces(bytes, decoded, OPTIONS) ??
    changedOnTheWay(decoded)
  );
}
