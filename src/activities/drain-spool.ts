import { CancelledFailure, Context } from '@temporalio/activity';
import type { BatchTotals } from '../model/batch.js';
import { BarrageError } from '../model/errors.js';
import type { Logger } from '../model/log.js';
import type { SpoolRange } from '../model/records.js';
import { roomKey } from '../model/room.js';
import type { Spool } from '../spool/spool.js';
import type { Store, WriteResult } from '../store/store.js';
import { LagSketch } from './lag-sketch.js';
import type { Metrics } from './metrics.js';

export interface BatchSummary {
  firstSeq: number;
  lastSeq: number;
  events: number;
  inserted: number;
  duplicates: number;
}

/** Activities on a worker's own queue that reach its spool. */
export interface SpoolActivities {
  /** Where the next batch begins. */
  spoolHead(): Promise<{ firstSeq: number }>;
  /** One batch; a repeated attempt goes on where the last one got to. */
  drainSpool(request: { workerId: string; firstSeq: number }): Promise<BatchSummary>;
}

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

/** A batch ends after so many events, or so long after it wrote its first. */
const BATCH_EVENTS = 100_000;
const BATCH_MS = 60_000;
/** A worker that receives nothing begins a new batch this often, so that its workflow shows that it lives. */
const IDLE_MS = 600_000;
const LAST_READ_MS = 100;
const LONGEST_WRITE_MS = 120_000;
const HEARTBEAT_EVERY_MS = 5_000;

export const createSpoolActivities = (deps: DrainDeps): SpoolActivities => ({
  spoolHead: () => Promise.resolve({ firstSeq: deps.spool.state().ackedSeq + 1 }),

  async drainSpool({ workerId, firstSeq }) {
    const context = Context.current();
    const over = deps.running(context.info.base64TaskToken);
    const { spool, store } = deps;
    const id = `${workerId}:${firstSeq}`;
    const totals = spool.batch(id) ?? emptyBatch(id, workerId, firstSeq, deps.now());
    const beating = setInterval(
      () => context.heartbeat({ lastSeq: totals.lastSeq, ...spool.state() }),
      HEARTBEAT_EVERY_MS,
    );
    const lag = new LagSketch();
    try {
      await drain(deps, totals, lag, context.cancellationSignal);
      totals.endedAt = deps.now();
      Object.assign(totals, lag.isEmpty ? {} : { lagMs: lag.summary() });
      if (totals.entries > 0) await store.writeBatch(totals, context.cancellationSignal);
      await spool.forgetBatch(id);
    } finally {
      clearInterval(beating);
      over();
    }
    const { lastSeq, events, inserted, duplicates } = totals;
    return { firstSeq, lastSeq, events, inserted, duplicates };
  },
});

/** Range after range, each acknowledged by MongoDB before it leaves the spool. */
async function drain(deps: DrainDeps, totals: BatchTotals, lag: LagSketch, cancelled: AbortSignal): Promise<void> {
  const { spool, store, metrics, settings, finishing } = deps;
  const bounds = {
    maxEntries: settings.maxEntriesPerWrite,
    maxBytes: settings.maxBytesPerWrite,
    lingerMs: settings.lingerMs,
  };
  let endsAt = performance.now() + IDLE_MS;
  while (totals.events < BATCH_EVENTS && performance.now() < endsAt) {
    if (cancelled.aborted) throw stopped();
    const waitMs = finishing.aborted ? LAST_READ_MS : endsAt - performance.now();
    const signal = AbortSignal.timeout(Math.max(1, Math.ceil(waitMs)));
    const giveUp = finishing.aborted ? signal : AbortSignal.any([signal, cancelled, finishing]);
    const range = await spool.read(totals.lastSeq, bounds, giveUp);
    if (range === undefined) {
      if (cancelled.aborted || (finishing.aborted && spool.state().depth > 0)) continue;
      return;
    }
    if (totals.entries === 0) endsAt = performance.now() + BATCH_MS;
    const withinBounds = AbortSignal.any([cancelled, AbortSignal.timeout(LONGEST_WRITE_MS)]);
    const written = await store.write(range, withinBounds).catch((error: unknown) => {
      metrics.storeFailed();
      throw error;
    });
    count(totals, range, written);
    metrics.stored(written);
    metrics.deadLetters('undecodable', range.entries.filter(({ type }) => type === 'deadLetter').length);
    lag.add(range, written.ackedAt, (seconds) => metrics.lagSeconds.observe(seconds));
    deps.onStored?.(range, written.ackedAt);
    await spool.acknowledge(range.to, totals);
  }
}

/** The batch is not done: it goes on where the spool is opened next, or when its workflow is started again. */
function stopped(): Error {
  if (Context.current().cancellationDetails?.cancelRequested === true)
    return new CancelledFailure('The batch was cancelled.');
  return new BarrageError('WORKER_SHUTDOWN', 'The worker is shutting down; the spool keeps what is not stored.');
}

const emptyBatch = (_id: string, workerId: string, firstSeq: number, startedAt: number): BatchTotals => ({
  _id,
  workerId,
  firstSeq,
  lastSeq: firstSeq - 1,
  startedAt,
  entries: 0,
  events: 0,
  inserted: 0,
  duplicates: 0,
  bytes: 0,
  writes: 0,
  rooms: {},
  kinds: {},
});

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
