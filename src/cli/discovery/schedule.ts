import {
  type ScheduleDescription,
  type ScheduleHandle,
  ScheduleNotFoundError,
  WorkflowFailedError,
} from '@temporalio/client';
import { z } from 'zod';
import { BarrageError } from '../../model/errors.js';
import { PLATFORM_IDS } from '../../platforms/addresses.js';
import type { DiscoveryReport } from '../../workflows/discovery.js';
import { ask, failureOf } from '../ask-temporal.js';
import type { TemporalAccess } from '../temporal-access.js';

export const platformOption = z.enum(PLATFORM_IDS).default('bilibili');

/** One sweep, as far as it is known. */
export interface Sweep {
  workflowId: string;
  /** When the Schedule took the action. */
  startedAt: string;
  state: 'running' | 'done' | 'failed' | 'gone';
  report?: DiscoveryReport;
  /** Why it failed, in words. */
  failure?: string;
}

/** Asks about the Schedule of a platform; throws `NOT_RUNNING` where there is none. */
export async function askSchedule<T>(
  temporal: TemporalAccess,
  platform: string,
  call: (schedule: ScheduleHandle) => Promise<T>,
): Promise<T> {
  const scheduleId = `discovery:${platform}`;
  try {
    return await ask(temporal, () => call(temporal.client.schedule.getHandle(scheduleId)));
  } catch (error) {
    if (!(error instanceof ScheduleNotFoundError)) throw error;
    throw new BarrageError(
      'NOT_RUNNING',
      `There is no Schedule ${scheduleId}: a worker makes it when it starts, unless discovery.enabled is false.`,
    );
  }
}

type Action = ScheduleDescription['info']['recentActions'][number];

/** What became of a sweep; waits at most `withinMs` for one that runs. */
export async function sweepOf(temporal: TemporalAccess, { action, takenAt }: Action, withinMs: number): Promise<Sweep> {
  const { workflowId } = action.workflow;
  const sweep = { workflowId, startedAt: takenAt.toISOString() };
  const handle = temporal.client.workflow.getHandle<() => Promise<DiscoveryReport>>(workflowId);
  const isRunning = async (): Promise<boolean> =>
    (await ask(temporal, () => handle.describe())).status.name === 'RUNNING';
  try {
    if (withinMs === 0 && (await isRunning())) return { ...sweep, state: 'running' };
    return { ...sweep, state: 'done', report: await ask(temporal, () => handle.result(), withinMs || undefined) };
  } catch (error) {
    if (error instanceof WorkflowFailedError) {
      return { ...sweep, state: 'failed', failure: failureOf(error, 'The sweep').message };
    }
    if (error instanceof BarrageError) throw error;
    return { ...sweep, state: 'gone' }; // older than what Temporal keeps
  }
}

/** A sweep in a sentence. */
export function sweepText({ state, report, failure }: Sweep): string {
  if (state === 'failed') return failure ?? 'The sweep failed.';
  if (state === 'running') return 'The sweep is under way.';
  if (report === undefined) return 'Temporal no longer knows what came of the sweep.';
  const { listed, running, slots, started, retired, leftAlone } = report;
  const left =
    leftAlone.length === 0 ? '' : `, left ${leftAlone.length} alone that failed or were stopped within a day`;
  return `${listed} live rooms listed; ${running} were collected already, ${slots} slots; started ${started}, retired ${retired}${left}.`;
}
