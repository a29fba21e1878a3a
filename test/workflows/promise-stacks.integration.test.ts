import { WorkflowFailedError } from '@temporalio/client';
import { Worker } from '@temporalio/worker';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { bundleWorkflows } from '../../src/workers/bundle.js';
import { fail, resting } from './resting.js';
import { workflowServer } from './server.js';

const QUEUE = { taskQueue: 'resting' };
const server = workflowServer();

it('a workflow keeps no stacks of its promises, and its errors keep theirs, with places in the sources', async () => {
  const handle = await server.client.workflow.start(resting, { ...QUEUE, workflowId: 'resting', args: [] });
  const workflowBundle = await bundleWorkflows(fileURLToPath(new URL('resting.ts', import.meta.url)));
  const worker = await Worker.create({ ...QUEUE, ...server.workers, workflowBundle });
  await worker.runUntil(async () => {
    expect(await handle.query('__stack_trace')).toBe('');
    await handle.signal(fail);
    const failed: unknown = await handle.result().catch((error: unknown) => error);
    if (!(failed instanceof WorkflowFailedError)) throw new Error('it did not fail');
    expect(failed.cause?.stack).toMatch(/resting\.ts:12:\d+/);
  });
});
