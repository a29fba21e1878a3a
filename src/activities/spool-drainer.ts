import { setTimeout as sleep } from 'node:timers/promises';
import { addWrite, type BatchTotals, emptyBatch } from '../model/batch.js';
import { BarrageError } from '../model/errors.js';
import type { Logger } from '../model/log.js';
import type { SpoolRange } from '../model/records.js';
import { roomKey } from '../model/room.js';
import type { Spool } from '../spool/spool.js';
import type { Store, WriteResult } from '../store/store.js';
import type { BatchSummary } from './drain-spool.js';
import { untilFirstOf } from './first-of.js';
import { LagSketch } from './lag-sketch.js';
import type { Metrics } from './metrics.js';
import { WriteSize } from './write-size.js';

export interface DrainDeps {
  spool: Spool;
  store: Store;
  metrics: Metrics;
  log: Logger;
  now: () => number;
  settings: { lingerMs: number; recordsLingerMs: number; maxEntriesPerWrite: number; maxBytesPerWrite: number };
  /** Aborts when the worker wants to end: what is in the spool is still written, and nothing is waited for. */
  finishing: AbortSignal;
  /** Keeps the task token until the attempt is over, so that the next process can fail it at once if this one dies. */
  running: (taskToken: string) => () => void;
  /** When a batch ends: after so many events, or so long after it wrote its first. Default: `BATCH`. */
  batch?: { events: number; ms: number };
  /** Told of each write, for measurements. */
  onStored?: (range: SpoolRange, ackedAt: number) => void;
}

/** One attempt at a batch, as Temporal began it. */
export interface DrainAttempt {
  taskToken: string;
  /** Aborts when Temporal, or the worker, wants it to end. */
  signal: AbortSignal;
  heartbeat(details: object): void;
  /** What to throw where somebody cancelled it; otherwise nothing. */
  ended(): Error | undefined;
}

const BATCH = { events: 100_000, ms: 60_000 };
/** A worker that receives nothing begins a new batch this often, so that its workflow shows that it lives. */
const IDLE_MS = 600_000;
/** How long a batch goes on before Temporal has handed it to this worker. As a rule that takes well under a second. */
const HEAD_START_MS = 10_000;
/** With the write that is under way by then, for which the activity waits. */
const LONGEST_HEAD_START_MS = 20_000;
const CLOSE_WITHIN_MS = 25_000;
const LAST_READ_MS = 100;
const LONGEST_WRITE_MS = 120_000;
const HEARTBEAT_EVERY_MS = 5_000;

/** A batch that is being written. */
interface OpenBatch {
  totals: BatchTotals;
  lag: LagSketch;
}

/**
 * Empties a spool, one attempt at a time. Between two batches nothing waits for Temporal, for some seconds: the next one has begun when its activity comes,
 * which then takes it over.
 */
export class SpoolDrainer {
  /** Ends the attempt under way. */
  #takeOver = new AbortController();
  /** Ends the head start after the write that is under way. */
  #headStart = new AbortController();
  #ahead: OpenBatch | undefined;
  #underWay: Promise<unknown> = Promise.resolve();
  readonly #deps: BatchDeps;

  constructor(deps: DrainDeps) {
    this.#deps = { ...deps, size: new WriteSize(deps.settings.maxEntriesPerWrite) };
  }

  /** The first entry of the batch that has begun, or of the next one. */
  head(): number {
    const { spool } = this.#deps;
    return spool.openBatch()?.firstSeq ?? spool.state().ackedSeq + 1;
  }

  /**
   * One batch; a repeated attempt goes on where the last one got to. An attempt that is still under way here, since Temporal gave it up while it was
   * away, ends first: two would write the same ranges, and count them twice.
   */
  drain(request: { workerId: string; firstSeq: number }, attempt: DrainAttempt): Promise<BatchSummary> {
    this.#takeOver.abort();
    this.#headStart.abort();
    const own = (this.#takeOver = new AbortController());
    const over = this.#deps.running(attempt.taskToken);
    const beating = setInterval(() => attempt.heartbeat(this.#deps.spool.state()), HEARTBEAT_EVERY_MS);
    const draining = this.#underWay
      .then(() => this.#drain(request, attempt, own.signal))
      .finally(() => {
        clearInterval(beating);
        over();
      });
    this.#underWay = draining.then(
      () => (own.signal.aborted ? undefined : this.#goAhead(request.workerId)),
      () => undefined, // Temporal hears of it from the attempt
    );
    return draining;
  }

  /**
   * Resolves when nothing is written any more, and after a time in any case; to be called when no more attempts come. What is under way then is given up,
   * since the spool may be closed next.
   */
  async close(): Promise<void> {
    if (!this.#deps.finishing.aborted) this.#headStart.abort();
    await Promise.race([this.#underWay, sleep(CLOSE_WITHIN_MS, undefined, { ref: false })]);
    this.#takeOver.abort();
    this.#headStart.abort();
  }

  async #drain(
    { workerId, firstSeq }: { workerId: string; firstSeq: number },
    attempt: DrainAttempt,
    takenOver: AbortSignal,
  ): Promise<BatchSummary> {
    const { spool, now } = this.#deps;
    const id = `${workerId}:${firstSeq}`;
    const ahead = this.#ahead;
    this.#ahead = undefined;
    const recorded = spool.batch(id);
    const known = ahead?.totals._id === id ? ahead : recorded && openBatchOf(recorded);
    // It was done when its worker died, or Temporal was away, before Temporal heard of it: what comes now is the next one's.
    if (known === undefined && spool.state().ackedSeq >= firstSeq)
      return { ...NOTHING_MORE, firstSeq, lastSeq: this.head() - 1 };
    const batch = known ?? openBatchOf(emptyBatch(id, workerId, firstSeq, now()));
    const cancelled = AbortSignal.any([attempt.signal, takenOver]); // both live no longer than the attempt
    await drain(this.#deps, batch, { cancelled, stopped: () => attempt.ended() ?? stopped() });
    await finish(this.#deps, batch, cancelled);
    const { lastSeq, events, inserted, duplicates } = batch.totals;
    return { firstSeq, lastSeq, events, inserted, duplicates };
  }

  async #goAhead(workerId: string): Promise<void> {
    const { finishing, log, now, spool } = this.#deps;
    if (finishing.aborted) return;
    const headStart = (this.#headStart = new AbortController());
    const firstSeq = this.head();
    const id = `${workerId}:${firstSeq}`;
    const batch = (this.#ahead = openBatchOf(spool.batch(id) ?? emptyBatch(id, workerId, firstSeq, now())));
    const late = setTimeout(() => headStart.abort(), HEAD_START_MS);
    try {
      await untilFirstOf(LONGEST_HEAD_START_MS, [], (cancelled) =>
        drain(this.#deps, batch, { cancelled, stopped, enough: headStart.signal }),
      );
    } catch (error) {
      this.#ahead = undefined; // what could not be written is left to the next attempt, as the spool has it
      log.warn({ batch: id, reason: String(error) }, 'a batch could not go on before its activity came');
    } finally {
      clearTimeout(late);
    }
  }
}

type BatchDeps = DrainDeps & { size: WriteSize };

const NOTHING_MORE = { events: 0, inserted: 0, duplicates: 0 };

const openBatchOf = (totals: BatchTotals): OpenBatch => ({ totals, lag: new LagSketch() });

/** Makes a batch that is written a document of `batches`. */
async function finish(
  { spool, store, now }: BatchDeps,
  { totals, lag }: OpenBatch,
  signal: AbortSignal,
): Promise<void> {
  totals.endedAt = now();
  Object.assign(totals, lag.isEmpty ? {} : { lagMs: lag.summary() });
  if (totals.entries > 0) await store.writeBatch(totals, signal);
  await spool.forgetBatch(totals._id);
}

/** What ends a batch before its time. */
interface Ends {
  /** At once. */
  cancelled: AbortSignal;
  /** What to throw then. */
  stopped: () => Error;
  /** After the write under way, as if there were nothing more. */
  enough?: AbortSignal;
}

/** Range after range, each acknowledged by MongoDB before it leaves the spool. */
async function drain(deps: BatchDeps, batch: OpenBatch, ends: Ends): Promise<void> {
  const acknowledgements = new Acknowledgements(deps.spool);
  try {
    await writeRanges(deps, batch, ends, acknowledgements);
  } finally {
    await acknowledgements.last;
  }
}

/** While the spool notes what MongoDB has, the next range is on its way; never two notes at once. */
class Acknowledgements {
  last: Promise<void> = Promise.resolve();

  constructor(private readonly spool: Spool) {}

  async begin(to: number, write: BatchTotals): Promise<void> {
    await this.last;
    this.last = this.spool.acknowledge(to, write);
    this.last.catch(() => undefined); // thrown by the next one, or at the end
  }
}

async function writeRanges(
  deps: BatchDeps,
  { totals, lag }: OpenBatch,
  { cancelled, stopped, enough }: Ends,
  acknowledgements: Acknowledgements,
): Promise<void> {
  const { spool, store, metrics, settings, finishing, size, batch = BATCH } = deps;
  const { maxBytesPerWrite: maxBytes, lingerMs, recordsLingerMs } = settings;
  const lingering = { lingerMs, recordsLingerMs: Math.max(lingerMs, recordsLingerMs) };
  const hurrying = { lingerMs: 0, recordsLingerMs: 0 };
  let endsAt = performance.now() + (totals.entries > 0 ? batch.ms : IDLE_MS);
  while (totals.events < batch.events && performance.now() < endsAt && enough?.aborted !== true) {
    if (cancelled.aborted) throw stopped();
    const waitMs = finishing.aborted ? LAST_READ_MS : endsAt - performance.now();
    const ending = finishing.aborted ? [] : [cancelled, enough, finishing];
    const bounds = { maxEntries: size.entries, maxBytes, ...(finishing.aborted ? hurrying : lingering) };
    const range = await untilFirstOf(waitMs, ending, (signal) => spool.read(totals.lastSeq, bounds, signal));
    if (range === undefined) {
      await acknowledgements.last;
      if (cancelled.aborted || (finishing.aborted && spool.state().depth > 0)) continue;
      return;
    }
    if (totals.entries === 0) endsAt = performance.now() + batch.ms;
    const written = await untilFirstOf(LONGEST_WRITE_MS, [cancelled], (signal) => store.write(range, signal)).catch(
      (error: unknown) => {
        metrics.storeFailed();
        if (!cancelled.aborted) size.failed(range.entries.length);
        throw error;
      },
    );
    size.succeeded();
    const write = writeOf(totals, range, written);
    addWrite(totals, write);
    metrics.stored(written);
    metrics.deadLetters('undecodable', range.entries.filter(({ type }) => type === 'deadLetter').length);
    lag.add(range, written.ackedAt, (seconds) => metrics.lagSeconds.observe(seconds));
    deps.onStored?.(range, written.ackedAt);
    await acknowledgements.begin(range.to, write);
  }
}

/** The batch is not done: it goes on where the spool is opened next, or when its workflow is started again. */
const stopped = (): Error =>
  new BarrageError('WORKER_SHUTDOWN', 'The worker is shutting down; the spool keeps what is not stored.');

/** What one write came to, as a batch that has written nothing else. */
function writeOf(
  { _id, workerId, firstSeq, startedAt }: BatchTotals,
  { to, entries, bytes }: SpoolRange,
  { events, inserted, duplicates }: WriteResult,
): BatchTotals {
  const rooms: Record<string, number> = {};
  const kinds: Record<string, number> = {};
  for (const entry of entries) {
    if (entry.type !== 'event') continue;
    const room = roomKey(entry.event);
    rooms[room] = (rooms[room] ?? 0) + 1;
    kinds[entry.event.kind] = (kinds[entry.event.kind] ?? 0) + 1;
  }
  const counts = { entries: entries.length, events, inserted, duplicates, bytes, writes: 1 };
  return { _id, workerId, firstSeq, lastSeq: to, startedAt, ...counts, rooms, kinds };
}
