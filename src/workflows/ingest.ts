import {
  CancellationScope,
  continueAsNew,
  executeChild,
  log,
  proxyActivities,
  setCurrentDetails,
  sleep,
  workflowInfo,
} from '@temporalio/workflow';
import { z } from 'zod';
import type { SpoolActivities } from '../activities/drain-spool.js';
import { WorkerId, workerTaskQueue } from '../model/stream.js';
import { inputOrFail } from './failures.js';
import type { persistBatch } from './persist-batch.js';

const IngestInput = z.strictObject({ workerId: WorkerId });

/** How long to leave a batch alone that could not be begun: another one is still being written, or the server refused it. */
const PAUSE_AFTER_FAILURE = '5 seconds';

/** Empties the spool of one worker into MongoDB for ever: one `persistBatch` after another, from where the last one ended. */
export async function ingest(input: unknown): Promise<never> {
  const { workerId } = inputOrFail(IngestInput, input);
  const { spoolHead } = proxyActivities<SpoolActivities>({
    taskQueue: workerTaskQueue(workerId),
    startToCloseTimeout: '10 seconds',
    retry: { initialInterval: '1 second', maximumInterval: '10 seconds' }, // without limit: the spool waits for its owner
  });
  let head: number | undefined;
  while (!workflowInfo().continueAsNewSuggested) {
    const firstSeq = head ?? (await spoolHead()).firstSeq;
    try {
      const batch = await executeChild<typeof persistBatch>('persistBatch', {
        workflowId: `batch:${workerId}:${firstSeq}`,
        args: [{ workerId, firstSeq }],
      });
      setCurrentDetails(`Stored up to ${batch.lastSeq}; the last batch had ${batch.events} events.`);
      head = batch.lastSeq + 1; // what the worker stores meanwhile it counts in the batch that begins here
    } catch (error) {
      if (CancellationScope.current().consideredCancelled) throw error; // a cancelled batch alone is one that failed
      log.warn('a batch failed', { workerId, firstSeq, error });
      head = undefined;
      await sleep(PAUSE_AFTER_FAILURE);
    }
  }
  return continueAsNew<typeof ingest>({ workerId });
}
