import type { WorkerOptions } from '@temporalio/worker';

/**
 * Where many rooms have something to do at once, as after a loss of all connections, each that is not in the cache has its whole history replayed. Most rooms
 * sleep for hours, so beyond these memory is better spent otherwise. More than a thousand, since rooms that report in turn would each find that the one before
 * has just put them out of a cache that is short of a few places.
 */
const CACHED_WORKFLOWS = 1_200;

/** What is not Temporal's default, of a worker that runs workflows. */
export const WORKFLOW_SETTINGS: Partial<WorkerOptions> = {
  maxCachedWorkflows: CACHED_WORKFLOWS,
  stickyQueueScheduleToStartTimeout: '3 seconds', // a worker that died must not hold up its workflows for longer
  workflowThreadPoolSize: 1,
};
