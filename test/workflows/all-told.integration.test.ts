import { Worker } from '@temporalio/worker';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { bundleWorkflows } from '../../src/workers/bundle.js';
import { goOn, restless } from './restless.js';
import { workflowServer } from './server.js';

const QUEUE = { taskQueue: 'restless' };
const server = workflowServer();

it('a cancel that comes in the workflow task of a continue-as-new ends the room', async () => {
  const handle = await server.client.workflow.start(restless, { ...QUEUE, workflowId: 'restless', args: [] });
  await handle.signal(goOn);
  await handle.cancel();
  const workflowBundle = await bundleWorkflows(fileURLToPath(new URL('restless.ts', import.meta.url)));
  const worker = await Worker.create({ ...QUEUE, ...server.workers, workflowBundle });
  await worker.runUntil(async () => {
    await expect(handle.result()).rejects.toMatchObject({ cause: { name: 'CancelledFailure' } });
    expect((await handle.describe()).status.name).toBe('CANCELLED');
  });
});
