import { type BatchTotals, emptyBatch } from '../model/batch.js';
import { BarrageError } from '../model/errors.js';
import type { Logger } from '../model/log.js';
import type { SpoolRange } from '../model/records.js';
import { roomKey } from '../model/room.js';
import type { Spool } from '../spool/spool.js';
import type { Store, WriteResult } from '../store/store.js';
import type { BatchSummary } from './drain-spool.js';
import { LagSketch } from './lag-sketch.js';
import type { Metrics } from './metrics.js';
import { WriteSize } from './write-size.js';

export interface DrainDeps {
  spool: Spool;
  store: Store;
  metrics: Metrics;
  log: Logger;
  now: () => number;
  settings: { lingerMs: number; maxEntriesPerWrite: number; maxBytesPerWrite: number };
  /** Aborts when the worker wants to end: what is in the spool is still written, and nothing is waited for. */
  finishing: AbortSignal;
  /** Keeps the task token until the attempt is over, so that the next process can fail it at once if this one dies. */
  running: (taskToken: string) => () => void;
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

/** A batch ends after so many events, or so long after it wrote its first. */
const BATCH_EVENTS = 100_000;
const BATCH_MS = 60_000;
/** A worker that receives nothing begins a new batch this often, so that its workflow shows that it lives. */
const IDLE_MS = 600_000;
const LAST_READ_MS = 100;
const LONGEST_WRITE_MS = 120_000;
const HEARTBEAT_EVERY_MS = 5_000;

/** Empties a spool, one attempt at a time. */
export class SpoolDrainer {
  /** Ends the attempt under way. */
  #takeOver = new AbortController();
  #underWay: Promise<unknown> = Promise.resolve();
  readonly #size: WriteSize;

  constructor(private readonly deps: DrainDeps) {
    this.#size = new WriteSize(deps.settings.maxEntriesPerWrite);
  }

  /**
   * One batch; a repeated attempt goes on where the last one got to. An attempt that is still under way here, since Temporal gave it up while it was
   * away, ends first: two would write the same ranges, and count them twice.
   */
  drain(request: { workerId: string; firstSeq: number }, attempt: DrainAttempt): Promise<BatchSummary> {
    this.#takeOver.abort();
    const own = (this.#takeOver = new AbortController());
    const draining = this.#underWay.then(() =>
      drainBatch({ ...this.deps, size: this.#size }, request, attempt, own.signal),
    );
    this.#underWay = draining.catch(() => undefined);
    return draining;
  }
}

type BatchDeps = DrainDeps & { size: WriteSize };

async function drainBatch(
  deps: BatchDeps,
  { workerId, firstSeq }: { workerId: string; firstSeq: number },
  attempt: DrainAttempt,
  takenOver: AbortSignal,
): Promise<BatchSummary> {
  const { spool, store } = deps;
  const id = `${workerId}:${firstSeq}`;
  const known = spool.batch(id);
  const { ackedSeq } = spool.state();
  // It was done when its worker died, before Temporal heard of it: what comes now is the next one's.
  if (known === undefined && ackedSeq >= firstSeq) return { ...NOTHING_MORE, firstSeq, lastSeq: ackedSeq };
  const over = deps.running(attempt.taskToken);
  const totals = known ?? emptyBatch(id, workerId, firstSeq, deps.now());
  const beat = (): void => attempt.heartbeat({ lastSeq: totals.lastSeq, ...spool.state() });
  const beating = setInterval(beat, HEARTBEAT_EVERY_MS);
  const lag = new LagSketch();
  const signal = AbortSignal.any([attempt.signal, takenOver]);
  try {
    await drain(deps, totals, lag, signal, () => attempt.ended() ?? stopped());
    totals.endedAt = deps.now();
    Object.assign(totals, lag.isEmpty ? {} : { lagMs: lag.summary() });
    if (totals.entries > 0) await store.writeBatch(totals, signal);
    await spool.forgetBatch(id);
  } finally {
    clearInterval(beating);
    over();
  }
  const { lastSeq, events, inserted, duplicates } = totals;
  return { firstSeq, lastSeq, events, inserted, duplicates };
}

const NOTHING_MORE = { events: 0, inserted: 0, duplicates: 0 };

/** Range after range, each acknowledged by MongoDB before it leaves the spool. */
async function drain(
  deps: BatchDeps,
  totals: BatchTotals,
  lag: LagSketch,
  cancelled: AbortSignal,
  stopped: () => Error,
): Promise<void> {
  const { spool, store, metrics, settings, finishing, size } = deps;
  const { maxBytesPerWrite: maxBytes, lingerMs } = settings;
  let endsAt = performance.now() + IDLE_MS;
  while (totals.events < BATCH_EVENTS && performance.now() < endsAt) {
    if (cancelled.aborted) throw stopped();
    const waitMs = finishing.aborted ? LAST_READ_MS : endsAt - performance.now();
    const signal = AbortSignal.timeout(Math.max(1, Math.ceil(waitMs)));
    const giveUp = finishing.aborted ? signal : AbortSignal.any([signal, cancelled, finishing]);
    const range = await spool.read(totals.lastSeq, { maxEntries: size.entries, maxBytes, lingerMs }, giveUp);
    if (range === undefined) {
      if (cancelled.aborted || (finishing.aborted && spool.state().depth > 0)) continue;
      return;
    }
    if (totals.entries === 0) endsAt = performance.now() + BATCH_MS;
    const withinBounds = AbortSignal.any([cancelled, AbortSignal.timeout(LONGEST_WRITE_MS)]);
    const written = await store.write(range, withinBounds).catch((error: unknown) => {
      metrics.storeFailed();
      size.failed();
      throw error;
    });
    size.succeeded();
    count(totals, range, written);
    metrics.stored(written);
    metrics.deadLetters('undecodable', range.entries.filter(({ type }) => type === 'deadLetter').length);
    lag.add(range, written.ackedAt, (seconds) => metrics.lagSeconds.observe(seconds));
    deps.onStored?.(range, written.ackedAt);
    await spool.acknowledge(range.to, totals);
  }
}

/** The batch is not done: it goes on where the spool is opened next, or when its workflow is started again. */
const stopped = (): Error =>
  new BarrageError('WORKER_SHUTDOWN', 'The worker is shutting down; the spool keeps what is not stored.');

function count(totals: BatchTotals, range: SpoolRange, { events, inserted, duplicates }: WriteResult): void {
  totals.lastSeq = range.to;
  totals.entries += range.entries.length;
  totals.events += events;
  totals.inserted += inserted;
  totals.duplicates += duplicates;
  totals.bytes += range.bytes;
  totals.writes += 1;
  for (const entry of range.entries) {
    if (entry.type !== 'event') continue;
    const room = roomKey(entry.event);
    totals.rooms[room] = (totals.rooms[room] ?? 0) + 1;
    totals.kinds[entry.event.kind] = (totals.kinds[entry.event.kind] ?? 0) + 1;
  }
}
