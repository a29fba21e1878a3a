import { z } from 'zod';
import { BarrageError } from '../../model/errors.js';
import type { MongoStore } from '../../store/open-store.js';
import type { BatchDocument, HourTotals } from '../../store/record-reads.js';
import { RoomPhase } from '../../model/room-state.js';
import { ask } from '../ask-temporal.js';
import type { CommandContext, Work } from '../context.js';
import type { TemporalAccess } from '../temporal-access.js';
import { type Holes, holesOf } from './holes.js';
import { statusText } from './status-text.js';
import { type WorkerStatus, workersOf } from './workers.js';

export const StatusOptions = z.object({});
export type StatusOptions = z.output<typeof StatusOptions>;

/** The whole installation on one screen. A part that could not be asked is absent, and `notes` says why. */
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
  const [temporal, store] = await Promise.allSettled([ofTemporal(context, now), ofStore(await context.store(), now)]);
  if (temporal.status === 'rejected' && store.status === 'rejected') throw temporal.reason;
  const status: Status = { notes: [] };
  for (const part of [temporal, store]) {
    if (part.status === 'fulfilled') Object.assign(status, part.value);
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

async function ofStore({ records }: MongoStore, now: Date): Promise<Pick<Status, 'batches' | 'lastDay' | 'holes'>> {
  const since = new Date(now.getTime() - DAY_MS);
  const [batches, hours, gaps] = await Promise.all([
    records.recentBatches(BATCHES),
    records.totalsByHour(since),
    records.recentGaps(since, MOST_GAPS),
  ]);
  const lastDay = { events: 0, inserted: 0, duplicates: 0, batches: 0 };
  for (const hour of hours) {
    lastDay.events += hour.events;
    lastDay.inserted += hour.inserted;
    lastDay.duplicates += hour.duplicates;
    lastDay.batches += hour.batches;
  }
  return { batches, lastDay, holes: holesOf(gaps, since, now) };
}
