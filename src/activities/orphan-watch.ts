import { type Client, WorkflowNotFoundError } from '@temporalio/client';
import { setTimeout as sleep } from 'node:timers/promises';
import { STREAM_HEARTBEAT_TIMEOUT_MS } from '../model/stream.js';

/** `STARTED` in Temporal's `PendingActivityState`. */
const STARTED = 2;
const CALL_WITHIN_MS = 5_000;
const ASK_EVERY_MS = 500;
/**
 * How long a connection is kept for an attempt that may yet come, in milliseconds: longer than the heartbeat timeout, since an attempt may be lost on its
 * way from a server that is killed again, and is then given up only after that.
 */
const LONGEST_MS = STREAM_HEARTBEAT_TIMEOUT_MS + 15_000;

export interface Orphan {
  workflowId: string;
  runId: string;
  activityType: string;
  /** Of the worker that holds the connection. */
  workerId: string;
}

/**
 * Resolves when a connection whose attempt the server gave up has no further use: its actor is over, another worker has the next attempt, or none came
 * in time. When Temporal had been away it gives up all attempts, and the next one of a room mostly comes to the worker that still holds its connection:
 * closing it at once would make a hole where there need be none. Ends early with the signal.
 */
export async function untilUnwanted(client: Client, orphan: Orphan, signal: AbortSignal): Promise<void> {
  const until = performance.now() + LONGEST_MS;
  while (!signal.aborted && performance.now() < until) {
    if (await isWantedNoMore(client, orphan).catch(() => false)) return;
    await sleep(ASK_EVERY_MS, undefined, { signal }).catch(() => undefined);
  }
}

async function isWantedNoMore(client: Client, { workflowId, runId, activityType, workerId }: Orphan): Promise<boolean> {
  try {
    const { status, raw } = await client.withDeadline(Date.now() + CALL_WITHIN_MS, () =>
      client.workflow.getHandle(workflowId, runId).describe(),
    );
    if (status.name !== 'RUNNING') return true;
    const next = raw.pendingActivities?.find((activity) => activity.activityType?.name === activityType);
    return Number(next?.state) === STARTED && !next?.lastWorkerIdentity?.startsWith(`${workerId} `);
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return true;
    throw error;
  }
}
