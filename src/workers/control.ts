import { type Client, ScheduleAlreadyRunning, ScheduleOverlapPolicy } from '@temporalio/client';
import { DiscoverySettings } from '../model/discovery.js';
import { TASK_QUEUE } from '../model/stream.js';
import type { BarrageConfig } from './config.js';

const CALL_DEADLINE_MS = 15_000;
const CATCHUP_WINDOW_MS = 60_000;

/** Sees to it that the worker's spool is emptied: starts its `ingest`, or finds it running. */
export async function ensureIngest(client: Client, workerId: string): Promise<void> {
  await client.withDeadline(Date.now() + CALL_DEADLINE_MS, () =>
    client.workflow.start('ingest', {
      workflowId: `ingest:${workerId}`,
      taskQueue: TASK_QUEUE,
      args: [{ workerId }],
      workflowIdConflictPolicy: 'USE_EXISTING',
      staticSummary: `The spool of worker ${workerId}, into MongoDB`,
    }),
  );
}

/**
 * Makes the Schedule of discovery where there is none. One that is there is left as it is: an operator may have changed or paused it.
 * Gives back whether it was made.
 */
export async function ensureSchedule(client: Client, config: BarrageConfig['discovery']): Promise<boolean> {
  const { enabled, everyMs, ...settings } = config;
  if (!enabled) return false;
  const scheduleId = `discovery:${settings.platform}`;
  try {
    await client.withDeadline(Date.now() + CALL_DEADLINE_MS, () =>
      client.schedule.create({
        scheduleId,
        spec: { intervals: [{ every: everyMs }] },
        policies: { overlap: ScheduleOverlapPolicy.SKIP, catchupWindow: CATCHUP_WINDOW_MS },
        action: {
          type: 'startWorkflow',
          workflowType: 'discovery',
          workflowId: scheduleId,
          taskQueue: TASK_QUEUE,
          args: [DiscoverySettings.parse(settings)],
        },
        state: { triggerImmediately: true, note: 'Made by barrage. Edit or pause it freely: it is never overwritten.' },
      }),
    );
    return true;
  } catch (error) {
    if (error instanceof ScheduleAlreadyRunning) return false;
    throw error;
  }
}
