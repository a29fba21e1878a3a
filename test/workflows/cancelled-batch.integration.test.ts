import { CancelledFailure, Context } from '@temporalio/activity';
import { Worker } from '@temporalio/worker';
import { expect, it, vi } from 'vitest';
import type { SpoolActivities } from '../../src/activities/drain-spool.js';
import { TASK_QUEUE, workerTaskQueue } from '../../src/model/stream.js';
import { workflowBundle } from '../../src/workers/bundle.js';
import { ensureIngest } from '../../src/workers/control.js';
import { workflowServer } from './server.js';

const WORKER_ID = 'wcancelled';

const server = workflowServer();

/** A spool from which nothing is ever stored: each batch goes on until it is cancelled. */
const drained: number[] = [];
const activities: SpoolActivities = {
  spoolHead: () => Promise.resolve({ firstSeq: 1 }),
  drainSpool: async ({ firstSeq }) => {
    drained.push(firstSeq);
    const { cancellationSignal, heartbeat } = Context.current();
    const beating = setInterval(() => heartbeat(), 200);
    await new Promise((end) => cancellationSignal.addEventListener('abort', end, { once: true }));
    clearInterval(beating);
    throw new CancelledFailure('It was cancelled.');
  },
};

it('an operator who cancels one batch gets the next one, and the spool’s ingest lives on', async () => {
  const { client, workers: common } = server;
  const workflows = await Worker.create({ ...common, taskQueue: TASK_QUEUE, workflowBundle: await workflowBundle() });
  const own = await Worker.create({ ...common, taskQueue: workerTaskQueue(WORKER_ID), activities });
  const running = own.run();
  await workflows.runUntil(async () => {
    await ensureIngest(client, WORKER_ID);
    await vi.waitUntil(() => drained.length === 1, 30_000);
    await client.workflow.getHandle(`batch:${WORKER_ID}:1`).cancel();
    await vi.waitUntil(() => drained.length === 2, 30_000);
    const ingest = client.workflow.getHandle(`ingest:${WORKER_ID}`);
    expect((await ingest.describe()).status.name).toBe('RUNNING');
    await ingest.terminate();
    await client.workflow.getHandle(`batch:${WORKER_ID}:1`).cancel();
    await vi.waitUntil(async () => {
      const { status } = await client.workflow.getHandle(`batch:${WORKER_ID}:1`).describe();
      return status.name !== 'RUNNING';
    }, 30_000);
  });
  own.shutdown();
  await running;
});
