import { CancelledFailure, Context } from '@temporalio/activity';
import type { DrainAttempt, SpoolDrainer } from './spool-drainer.js';

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

export const createSpoolActivities = (drainer: SpoolDrainer): SpoolActivities => ({
  spoolHead: () => Promise.resolve({ firstSeq: drainer.head() }),
  drainSpool: (request) => drainer.drain(request, attemptOf(Context.current())),
});

const attemptOf = (context: Context): DrainAttempt => ({
  taskToken: context.info.base64TaskToken,
  signal: context.cancellationSignal,
  heartbeat: (details) => context.heartbeat(details),
  ended: () =>
    context.cancellationDetails?.cancelRequested === true
      ? new CancelledFailure('The batch was cancelled.')
      : undefined,
});
