import { Client, Connection } from '@temporalio/client';
import { NativeConnection } from '@temporalio/worker';
import { afterAll, beforeAll, inject } from 'vitest';
import { silentLog } from '../../src/model/log.js';
import { installRuntime } from '../../src/workers/runtime.js';
import { freshNamespace } from '../namespace.js';

export interface WorkflowServer {
  readonly client: Client;
  /** For `Worker.create`. */
  readonly workers: { readonly connection: NativeConnection; readonly namespace: string };
}

/** The suite's Temporal in a namespace of this file's own; it can be used from the first test on. */
export function workflowServer(): WorkflowServer {
  let client: Client | undefined;
  let workers: WorkflowServer['workers'] | undefined;
  beforeAll(async () => {
    await installRuntime(silentLog);
    const address = inject('temporalAddress');
    const namespace = await freshNamespace(address);
    client = new Client({ connection: await Connection.connect({ address }), namespace });
    workers = { connection: await NativeConnection.connect({ address }), namespace };
  });
  afterAll(async () => {
    await workers?.connection.close();
    await client?.connection.close();
  });
  return {
    get client() {
      if (client === undefined) throw new Error('the server is there from the first test on');
      return client;
    },
    get workers() {
      if (workers === undefined) throw new Error('the server is there from the first test on');
      return workers;
    },
  };
}
