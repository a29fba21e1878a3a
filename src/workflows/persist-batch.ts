import { ActivityCancellationType, proxyActivities, setCurrentDetails } from '@temporalio/workflow';
import { z } from 'zod';
import type { BatchSummary, SpoolActivities } from '../activities/drain-spool.js';
import { WorkerId, workerTaskQueue } from '../model/stream.js';
import { inputOrFail } from './failures.js';

const BatchInput = z.strictObject({ workerId: WorkerId, firstSeq: z.int().min(1) });

/** One batch of a worker's record: range after range of its spool into MongoDB, for a minute or 100,000 events, or as long as MongoDB is away. */
export async function persistBatch(input: unknown): Promise<BatchSummary> {
  const { workerId, firstSeq } = inputOrFail(BatchInput, input);
  const { drainSpool } = proxyActivities<SpoolActivities>({
    taskQueue: workerTaskQueue(workerId),
    startToCloseTimeout: '1 day',
    heartbeatTimeout: '30 seconds',
    cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
    retry: { initialInterval: '250 milliseconds', maximumInterval: '1 second' }, // without limit: nothing else stores for long what is in the spool
    summary: `from ${firstSeq}`,
  });
  const summary = await drainSpool({ workerId, firstSeq });
  setCurrentDetails(`${summary.events} events, ${summary.duplicates} of them stored before.`);
  return summary;
}
