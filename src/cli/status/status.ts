import { z } from 'zod';
import { BarrageError } from '../../model/errors.js';
import type { BatchDocument, HourTotals, RecordReads } from '../../store/record-reads.js';
import { RoomPhase } from '../../model/room-state.js';
import { ask } from '../ask-temporal.js';
import type { CommandContext, Work } from '../context.js';
import type { TemporalAccess } from '../temporal-access.js';
import { type Holes, holesOf } from './holes.js';
import { statusText } from './status-text.js';
import { type WorkerStatus, workersOf } from './workers.js';

export const StatusOptions = z.object({});
export type StatusOptions = z.output<typeof StatusOptions>;

/** The whole installation on one screen. A part that could not be asked is absent, or not whole, and `notes` says why. */
export interface Status {
  workers?: WorkerStatus[];
  /** Running rooms by state, and those that failed within a day. */
  rooms?: Record<string, number>;
  batches?: BatchDocument[];
  lastDay?: Pick<HourTotals, 'events' | 'inserted' | 'duplicates' | 'batches'>;
  holes?: Holes;
  notes: string[];
}

const DAY_MS = 86_400_000;
const BATCHES = 5;
const MOST_GAPS = 10_000;
const PHASES = RoomPhase.options.filter((phase) => phase !== 'ended' && phase !== 'failed');

/** Asks Temporal and MongoDB at once; each that does not answer costs its own part. Events are never read. */
export const showStatus: Work<StatusOptions> = async (context) => {
  const now = new Date();
  const { records } = await context.store();
  const [temporal, store] = await Promise.allSettled([ofTemporal(context, now), ofStore(records, now)]);
  if (temporal.status === 'rejected' && store.status === 'rejected') throw temporal.reason;
  const status: Status = { notes: [] };
  const add = ({ notes = [], ...part }: Partial<Status>): void => {
    Object.assign(status, part);
    status.notes.push(...notes);
  };
  for (const part of [temporal, store]) {
    if (part.status === 'fulfilled') add(part.value);
    else if (part.reason instanceof BarrageError) status.notes.push(part.reason.message);
    else throw part.reason;
  }
  context.out.result(status, () => statusText(status, context.out, now));
};

async function ofTemporal(context: CommandContext, now: Date): Promise<Pick<Status, 'workers' | 'rooms'>> {
  const temporal = await context.temporal();
  const [workers, rooms] = await Promise.all([workersOf(temporal, now.getTime()), roomsByState(temporal, now)]);
  return { workers, rooms };
}

async function roomsByState(temporal: TemporalAccess, now: Date): Promise<Record<string, number>> {
  const count = async (query: string): Promise<number> =>
    (await ask(temporal, () => temporal.client.workflow.count(`WorkflowType = 'room' AND ${query}`))).count;
  const running = PHASES.map(
    async (phase) => [phase, await count(`ExecutionStatus = 'Running' AND RoomState = '${phase}'`)] as const,
  );
  const since = new Date(now.getTime() - DAY_MS).toISOString();
  const failed = await count(`ExecutionStatus = 'Failed' AND CloseTime > '${since}'`);
  return { ...Object.fromEntries(await Promise.all(running)), failed };
}

/** What MongoDB's records say of the last day. Where there are more gaps than are added up, `notes` says so. */
export async function ofStore(
  records: Pick<RecordReads, 'recentBatches' | 'recentGaps'>,
  now: Date,
): Promise<Pick<Status, 'batches' | 'lastDay' | 'holes' | 'notes'>> {
  const since = new Date(now.getTime() - DAY_MS);
  const [{ latest: batches, hours }, gaps] = await Promise.all([
    records.recentBatches(since, BATCHES),
    records.recentGaps(since, MOST_GAPS),
  ]);
  const lastDay = { events: 0, inserted: 0, duplicates: 0, batches: 0 };
  for (const hour of hours) {
    lastDay.events += hour.events;
    lastDay.inserted += hour.inserted;
    lastDay.duplicates += hour.duplicates;
    lastDay.batches += hour.batches;
  }
  const most = MOST_GAPS.toLocaleString('en');
  const notes =
    gaps.length < MOST_GAPS
      ? []
      : [`The holes are those of the latest ${most} gaps; older ones, if any, are not in them.`];
  return { batches, lastDay, holes: holesOf(gaps, since, now), notes };
}
