import { defaultPayloadConverter } from '@temporalio/common';
import { z } from 'zod';
import { pollersOf } from '../../activities/pollers.js';
import { slotsOf } from '../../activities/worker-identity.js';
import { workerTaskQueue } from '../../model/stream.js';
import { ask } from '../ask-temporal.js';
import type { TemporalAccess } from '../temporal-access.js';

/** What a worker's spool looked like when its running batch last told. */
const SpoolBeat = z.looseObject({
  depth: z.int(),
  bytes: z.number(),
  quotaBytes: z.number(),
  level: z.string(),
  oldestAt: z.number().optional(),
});

/** A worker whose spool is to be emptied, whether it lives or not. */
export interface WorkerStatus {
  workerId: string;
  /** Whether it polls its own queue. */
  isAlive: boolean;
  identity?: string;
  slots: number;
  spool?: { depth: number; bytes: number; quotaBytes: number; level: string; oldestAt?: string; toldAt?: string };
  /** Why its batch does not get on, in words. */
  failure?: string;
}

const MOST_WORKERS = 200;
const AT_ONCE = 10;

/** Every worker that has an `ingest`, with what its batch told of its spool last. */
export async function workersOf(temporal: TemporalAccess, now: number): Promise<WorkerStatus[]> {
  const ids = await runningIds(temporal, 'ingest', 'ingest:');
  const batches = await runningIds(temporal, 'persistBatch', 'batch:');
  const workers: WorkerStatus[] = [];
  for (let at = 0; at < ids.length; at += AT_ONCE) {
    const some = ids.slice(at, at + AT_ONCE).map(async (workerId) => {
      const batch = batches.find((id) => id.startsWith(`${workerId}:`));
      const [poller, spool] = await Promise.all([
        pollerOf(temporal, workerId, now),
        batch === undefined ? {} : spoolOf(temporal, `batch:${batch}`),
      ]);
      return { workerId, ...poller, ...spool };
    });
    workers.push(...(await Promise.all(some)));
  }
  return workers.sort((a, b) => Number(b.isAlive) - Number(a.isAlive) || a.workerId.localeCompare(b.workerId));
}

async function runningIds(
  temporal: TemporalAccess,
  type: 'ingest' | 'persistBatch',
  prefix: string,
): Promise<string[]> {
  const ids: string[] = [];
  await ask(temporal, async () => {
    const query = `WorkflowType = '${type}' AND ExecutionStatus = 'Running'`;
    for await (const { workflowId } of temporal.client.workflow.list({ query })) {
      if (ids.length >= MOST_WORKERS) break;
      if (workflowId.startsWith(prefix)) ids.push(workflowId.slice(prefix.length));
    }
  });
  return ids;
}

async function pollerOf(
  temporal: TemporalAccess,
  workerId: string,
  now: number,
): Promise<Pick<WorkerStatus, 'isAlive' | 'identity' | 'slots'>> {
  const [identity] = await ask(temporal, () => pollersOf(temporal, workerTaskQueue(workerId), now));
  return { isAlive: identity !== undefined, ...(identity && { identity }), slots: slotsOf(identity ?? '') };
}

async function spoolOf(temporal: TemporalAccess, workflowId: string): Promise<Pick<WorkerStatus, 'spool' | 'failure'>> {
  const { raw } = await ask(temporal, () => temporal.client.workflow.getHandle(workflowId).describe());
  const [pending] = raw.pendingActivities ?? [];
  const [payload] = pending?.heartbeatDetails?.payloads ?? [];
  const beat = payload ? SpoolBeat.safeParse(defaultPayloadConverter.fromPayload(payload)) : undefined;
  const failure = pending?.lastFailure?.message ?? undefined;
  const seconds = Number(pending?.lastHeartbeatTime?.seconds ?? 0);
  const isFailing = (pending?.attempt ?? 1) > 1 && failure !== undefined;
  return {
    ...(isFailing && { failure }),
    ...(beat?.success && { spool: spoolFrom(beat.data, seconds * 1_000) }),
  };
}

const spoolFrom = (
  { depth, bytes, quotaBytes, level, oldestAt }: z.output<typeof SpoolBeat>,
  toldAt: number,
): NonNullable<WorkerStatus['spool']> => ({
  depth,
  bytes,
  quotaBytes,
  level,
  ...(oldestAt !== undefined && { oldestAt: new Date(oldestAt).toISOString() }),
  ...(toldAt > 0 && { toldAt: new Date(toldAt).toISOString() }),
});
