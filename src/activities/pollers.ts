import type { Client } from '@temporalio/client';

/** `ACTIVITY` in Temporal's `TaskQueueType`. */
const ACTIVITY_TASK_QUEUE = 2;

/** A poll lasts a minute; one of longer ago is of a worker that has ended since. */
const POLLED_WITHIN_MS = 90_000;

/** The identities of those that poll a task queue for activities at `now`, in milliseconds since the epoch. Temporal lists those that have ended, too. */
export async function pollersOf(
  { client, namespace }: { client: Client; namespace: string },
  taskQueue: string,
  now: number,
): Promise<string[]> {
  const { pollers } = await client.workflowService.describeTaskQueue({
    namespace,
    taskQueue: { name: taskQueue },
    taskQueueType: ACTIVITY_TASK_QUEUE,
  });
  const since = now - POLLED_WITHIN_MS;
  const polling = (pollers ?? []).filter(({ lastAccessTime }) => Number(lastAccessTime?.seconds ?? 0) * 1_000 > since);
  return polling.flatMap(({ identity }) => (identity ? [identity] : []));
}
