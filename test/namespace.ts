import { Connection } from '@temporalio/client';
import { msToTs } from '@temporalio/common/lib/time.js';
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { ensureSearchAttributes } from '../src/engines/search-attributes.js';
import { SEARCH_ATTRIBUTES } from '../src/model/search-attributes.js';

const USABLE_WITHIN_MS = 30_000;

/** A new Temporal namespace with the search attributes, ready to be worked in: what one test file does, no other sees. */
export async function freshNamespace(address: string): Promise<string> {
  const namespace = `test-${randomUUID().slice(0, 8)}`;
  const connection = await Connection.connect({ address });
  try {
    const workflowExecutionRetentionPeriod = msToTs('3 days');
    await connection.workflowService.registerNamespace({ namespace, workflowExecutionRetentionPeriod });
    const until = Date.now() + USABLE_WITHIN_MS;
    for (;;) {
      try {
        await ensureSearchAttributes(connection, namespace, SEARCH_ATTRIBUTES);
        await connection.workflowService.listWorkflowExecutions({ namespace, query: "RoomState = 'streaming'" });
        return namespace;
      } catch (error) {
        if (Date.now() > until) throw error;
        await sleep(100);
      }
    }
  } finally {
    await connection.close();
  }
}
