import { Client, Connection } from '@temporalio/client';
import { defineSearchAttributeKey } from '@temporalio/common';
import { MongoClient } from 'mongodb';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { freshNamespace } from '../namespace.js';

let connection: Connection;
beforeAll(async () => {
  connection = await Connection.connect({ address: inject('temporalAddress') });
});
afterAll(() => connection.close());

describe('the engines of the test suite', () => {
  it('give each test file a Temporal namespace of its own, ready at once for workflows with search attributes', async () => {
    const [one, two] = await Promise.all([
      freshNamespace(inject('temporalAddress')),
      freshNamespace(inject('temporalAddress')),
    ]);
    const client = new Client({ connection, namespace: one });
    await client.workflow.start('any', {
      workflowId: 'room:test:1',
      taskQueue: 'none',
      typedSearchAttributes: [{ key: defineSearchAttributeKey('RoomState', 'KEYWORD'), value: 'streaming' }],
    });
    await expect
      .poll(async () => (await client.workflow.count("RoomState = 'streaming'")).count, { timeout: 10_000 })
      .toBe(1);
    expect((await new Client({ connection, namespace: two }).workflow.count()).count).toBe(0);
  });

  it('serve the Temporal UI and MongoDB', async () => {
    expect((await fetch(inject('temporalUiUrl'))).status).toBe(200);
    const client = new MongoClient(inject('mongoUri'));
    await expect(client.db('admin').command({ ping: 1 })).resolves.toMatchObject({ ok: 1 });
    await client.close();
  });
});
