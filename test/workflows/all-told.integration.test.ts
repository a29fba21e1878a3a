import { Client, Connection } from '@temporalio/client';
import { NativeConnection, Worker } from '@temporalio/worker';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, inject, it } from 'vitest';
import { silentLog } from '../../src/model/log.js';
import { bundleWorkflows } from '../../src/workers/bundle.js';
import { installRuntime } from '../../src/workers/runtime.js';
import { freshNamespace } from '../namespace.js';
import { goOn, restless } from './restless.js';

const QUEUE = { taskQueue: 'restless' };

let connection: Connection;
let native: NativeConnection;
let client: Client;

beforeAll(async () => {
  await installRuntime(silentLog);
  const address = inject('temporalAddress');
  const namespace = await freshNamespace(address);
  connection = await Connection.connect({ address });
  native = await NativeConnection.connect({ address });
  client = new Client({ connection, namespace });
});
afterAll(async () => {
  await native.close();
  await connection.close();
});

it('a cancel that comes in the workflow task of a continue-as-new ends the room', async () => {
  const handle = await client.workflow.start(restless, { ...QUEUE, workflowId: 'restless', args: [] });
  await handle.signal(goOn);
  await handle.cancel();
  const workflowBundle = await bundleWorkflows(fileURLToPath(new URL('restless.ts', import.meta.url)));
  const { namespace } = client.options;
  const worker = await Worker.create({ ...QUEUE, connection: native, namespace, workflowBundle });
  await worker.runUntil(async () => {
    await expect(handle.result()).rejects.toMatchObject({ cause: { name: 'CancelledFailure' } });
    expect((await handle.describe()).status.name).toBe('CANCELLED');
  });
});
