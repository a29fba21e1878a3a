import { setTimeout as sleep } from 'node:timers/promises';
import { linePlotSvg } from '../../plot/line-plot.js';
import { emptyBatch } from '../../model/batch.js';
import type { SpoolEntry } from '../../model/records.js';
import { SpoolConfig } from '../../spool/config.js';
import { openSpool } from '../../spool/open-spool.js';
import type { Spool } from '../../spool/spool.js';
import { atLeast, atMost, type Part, type PartOptions, type Row, told } from '../part.js';
import { NOON, sampleEntries } from '../sample-events.js';
import { quantileOf, type Spread, spreadOf } from '../statistics.js';
import { WorkerConfig } from '../../workers/config.js';
import { withFolder } from '../temporary-folder.js';
import { diskBytesWritten } from './disk-bytes.js';

const WRITERS = [1, 100, 1_000];
const ROUNDS = 5;
const EVENTS = 200_000;
/** Of one append: what a frame of a busy room brings. */
const EVENTS_AN_APPEND = 5;
/** Appends of one writer that are under way: as many as a stream allows itself. */
const APPENDS_UNDER_WAY = 64;
const { maxEntriesPerWrite, maxBytesPerWrite, lingerMs } = WorkerConfig.parse({});
/** As `persistBatch` reads. */
const BOUNDS = { maxEntries: maxEntriesPerWrite, maxBytes: maxBytesPerWrite, lingerMs };
const STEADY_RATE = 2_700;
const STEADY_MS = 8_000;
const STEADY_ROUNDS = 3;
const TICK_MS = 10;

export const spool: Part = {
  name: 'spool',
  about: 'the durable buffer: append until it is on the disk, read, acknowledge, all at once',
  async *run(options) {
    const samples = sampleEntries(options.seed, 2_000, NOON);
    const points: { x: number; y: number }[] = [];
    const runs: Run[][] = WRITERS.map(() => []);
    for (let round = 0; round < ROUNDS; round += 1) {
      for (const [index, writers] of WRITERS.entries()) {
        const run = await withFolder((folder) => flatOut(folder, samples, writers, options));
        runs[index]?.push(run);
        options.report(`${writers} writers: ${Math.round(run.eventsPerSecond)} events/s`);
      }
    }
    const rows: Row[] = [];
    for (const [index, writers] of WRITERS.entries()) {
      const own = runs[index] ?? [];
      rows.push(...rowsOf(writers, own));
      points.push({ x: writers, y: spreadOf(own.map(({ eventsPerSecond }) => eventsPerSecond)).median });
    }
    const svg = await linePlotSvg({
      title: 'Spool: appended, read and acknowledged',
      x: 'writers',
      y: 'events a second',
      series: [{ name: 'events', points }],
      xScale: 'log',
    });
    yield {
      rows,
      pictures: [{ file: 'spool.svg', svg }],
      notes: [
        `A writer appends ${EVENTS_AN_APPEND} events at a time and has at most ${APPENDS_UNDER_WAY} appends under way, as a room's stream has; one reader ` +
          'reads and acknowledges at the same time. Every round begins with an empty folder. Bytes are those of the JSON; ' +
          'write amplification is what the disk got meanwhile, from everybody, for each of them.',
      ],
    };
    const steady: Run[] = [];
    for (let round = 0; round < STEADY_ROUNDS; round += 1) {
      const run = await withFolder((folder) => steadily(folder, samples, options));
      steady.push(run);
      options.report(`${STEADY_RATE} events/s: durable p99 ${durableOf([run], 0.99).median.toFixed(1)} ms`);
    }
    yield { rows: steadyRows(steady) };
  },
};

/** What one run at full speed came to. */
interface Run {
  appendsPerSecond: number;
  eventsPerSecond: number;
  bytesPerSecond: number;
  /** Undefined where the system does not count what a disk gets. */
  amplification: number | undefined;
  durableMs: number[];
}

async function flatOut(
  folder: string,
  samples: readonly SpoolEntry[],
  writers: number,
  { signal }: PartOptions,
): Promise<Run> {
  const opened = await openSpool({ config: SpoolConfig.parse({ folder }) });
  try {
    const writtenBefore = await diskBytesWritten(folder);
    const durableMs: number[] = [];
    const startedAt = performance.now();
    const reading = readAll(opened, EVENTS, signal);
    const events = Math.floor(EVENTS / writers / EVENTS_AN_APPEND) * EVENTS_AN_APPEND;
    const lastOnes = EVENTS - events * writers;
    const writing = Array.from({ length: writers }, (_, index) =>
      write(opened, samples, index, events + (index === 0 ? lastOnes : 0), durableMs, signal),
    );
    await Promise.all(writing);
    const appendedMs = performance.now() - startedAt;
    const { bytes } = await reading;
    const tookMs = performance.now() - startedAt;
    const writtenAfter = await diskBytesWritten(folder);
    return {
      appendsPerSecond: (EVENTS / appendedMs) * 1_000,
      eventsPerSecond: (EVENTS / tookMs) * 1_000,
      bytesPerSecond: (bytes / tookMs) * 1_000,
      amplification: amplificationOf(writtenBefore, writtenAfter, bytes),
      durableMs,
    };
  } finally {
    await opened.close();
  }
}

/** One writer, in order, with a bounded number of appends under way. */
async function write(
  opened: Spool,
  samples: readonly SpoolEntry[],
  offset: number,
  events: number,
  durableMs: number[],
  signal: AbortSignal,
): Promise<void> {
  const underWay: Promise<void>[] = [];
  for (let done = 0; done < events; done += EVENTS_AN_APPEND) {
    signal.throwIfAborted();
    const at = (offset * 7 + done) % (samples.length - EVENTS_AN_APPEND);
    const entries = samples.slice(at, at + Math.min(EVENTS_AN_APPEND, events - done));
    const askedAt = performance.now();
    underWay.push(opened.append(entries).then(() => void durableMs.push(performance.now() - askedAt)));
    if (underWay.length >= APPENDS_UNDER_WAY) await underWay.shift();
  }
  await Promise.all(underWay);
}

/** Reads and acknowledges so many events, as a batch does: the next range is read while the spool notes the one before it. */
async function readAll(opened: Spool, events: number, signal: AbortSignal): Promise<{ bytes: number }> {
  const nothing = emptyBatch(`${opened.workerId}:1`, opened.workerId, 1, Date.now());
  let acknowledged: Promise<void> = Promise.resolve();
  let [readTo, allBytes] = [0, 0];
  while (readTo < events) {
    const range = await opened.read(readTo, BOUNDS, signal);
    if (range === undefined) break;
    const { to, bytes, entries } = range;
    [readTo, allBytes] = [to, allBytes + bytes];
    await acknowledged;
    const write = { ...nothing, lastSeq: to, entries: entries.length, events: entries.length, bytes };
    acknowledged = opened.acknowledge(to, write);
  }
  await acknowledged;
  signal.throwIfAborted();
  return { bytes: allBytes };
}

/** An even load of single frames: how long each append takes, and what the disk has to do for it. */
async function steadily(folder: string, samples: readonly SpoolEntry[], { signal }: PartOptions): Promise<Run> {
  const opened = await openSpool({ config: SpoolConfig.parse({ folder }) });
  const durableMs: number[] = [];
  const appends: Promise<void>[] = [];
  const ending = new AbortController();
  try {
    const reading = readAll(opened, Infinity, AbortSignal.any([signal, ending.signal])).catch((error: unknown) => {
      if (!ending.signal.aborted) throw error;
    });
    const writtenBefore = await diskBytesWritten(folder);
    const startedAt = performance.now();
    let appended = 0;
    for (;;) {
      const elapsedMs = performance.now() - startedAt;
      if (elapsedMs >= STEADY_MS) break;
      for (const due = (elapsedMs * STEADY_RATE) / 1_000; appended < due; appended += 1) {
        const dueAt = startedAt + (appended * 1_000) / STEADY_RATE; // so that a stall of this loop is not hidden
        const one = samples.slice(appended % samples.length).slice(0, 1);
        appends.push(opened.append(one).then(() => void durableMs.push(performance.now() - dueAt)));
      }
      await sleep(TICK_MS, undefined, { signal });
    }
    await Promise.all(appends);
    const tookMs = performance.now() - startedAt;
    const writtenAfter = await diskBytesWritten(folder);
    const bytes = meanBytes(samples) * appended;
    ending.abort();
    await reading;
    return {
      appendsPerSecond: (appended / tookMs) * 1_000,
      eventsPerSecond: (appended / tookMs) * 1_000,
      bytesPerSecond: (bytes / tookMs) * 1_000,
      amplification: amplificationOf(writtenBefore, writtenAfter, bytes),
      durableMs,
    };
  } finally {
    ending.abort();
    await opened.close();
  }
}

const meanBytes = (samples: readonly SpoolEntry[]): number =>
  samples.reduce((sum, entry) => sum + Buffer.byteLength(JSON.stringify(entry)), 0) / samples.length;

/** What the disk got for each byte of the entries. */
const amplificationOf = (before: number | undefined, after: number | undefined, bytes: number): number | undefined =>
  before === undefined || after === undefined ? undefined : (after - before) / bytes;

/** None where the system does not count it. */
function amplificationRows(where: string, runs: readonly Run[]): Row[] {
  const each = runs.map(({ amplification }) => amplification).filter((one) => one !== undefined);
  return each.length === 0 ? [] : [told(`${where}: write amplification`, spreadOf(each), 'ratio')];
}

function rowsOf(writers: number, runs: readonly Run[]): Row[] {
  const where = `${writers.toLocaleString('en')} ${writers === 1 ? 'writer' : 'writers'}`;
  return [
    atLeast(
      `${where}: appended, read, acknowledged`,
      spreadOf(runs.map((run) => run.eventsPerSecond)),
      'events/s',
      100_000,
    ),
    told(`${where}: appended until durable`, spreadOf(runs.map((run) => run.appendsPerSecond)), 'events/s'),
    told(`${where}: bytes`, spreadOf(runs.map((run) => run.bytesPerSecond / 1e6)), 'MB/s'),
    ...amplificationRows(where, runs),
    told(`${where}: durable p99, flat out`, durableOf(runs, 0.99), 'ms'),
  ];
}

function steadyRows(runs: readonly Run[]): Row[] {
  const where = `${STEADY_RATE.toLocaleString('en')} events/s, one an append`;
  return [
    told(`${where}: reached`, spreadOf(runs.map((run) => run.eventsPerSecond)), 'events/s'),
    told(`${where}: durable p50`, durableOf(runs, 0.5), 'ms'),
    atMost(`${where}: durable p99`, durableOf(runs, 0.99), 'ms', 20),
    ...amplificationRows(where, runs),
  ];
}

/** How long appends took to be durable: a quantile, run by run. */
const durableOf = (runs: readonly Run[], share: number): Spread =>
  spreadOf(
    runs.map(({ durableMs }) =>
      quantileOf(
        durableMs.toSorted((a, b) => a - b),
        share,
      ),
    ),
  );
