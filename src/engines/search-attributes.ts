import type { Connection } from '@temporalio/client';
import { setTimeout as sleep } from 'node:timers/promises';

/** Temporal's numbers for the types, from `temporal/api/enums/v1/common.proto`. */
const TYPE_NUMBERS = { Text: 1, Keyword: 2, Int: 3, Double: 4, Bool: 5, Datetime: 6, KeywordList: 7 } as const;

/** Name → type of what workflows can be searched by. */
export type SearchAttributeTypes = Readonly<Record<string, keyof typeof TYPE_NUMBERS>>;

const CALL_WITHIN_MS = 10_000;
const USABLE_WITHIN_MS = 30_000;

/**
 * Registers what is missing in a namespace, and waits until a query may use it: the server's caches learn of it some seconds later.
 * Rejects with the server's own error, such as one that forbids it.
 */
export async function ensureSearchAttributes(
  connection: Connection,
  namespace: string,
  types: SearchAttributeTypes,
): Promise<void> {
  const within = <T>(call: () => Promise<T>): Promise<T> => connection.withDeadline(Date.now() + CALL_WITHIN_MS, call);
  const { customAttributes } = await within(() => connection.operatorService.listSearchAttributes({ namespace }));
  const missing = Object.entries(types).filter(([name]) => !(name in (customAttributes ?? {})));
  if (missing.length === 0) return;
  const searchAttributes = Object.fromEntries(missing.map(([name, type]) => [name, TYPE_NUMBERS[type]]));
  await within(() => connection.operatorService.addSearchAttributes({ namespace, searchAttributes }));
  const query = missing.map(([name]) => `${name} IS NULL`).join(' AND ');
  const until = Date.now() + USABLE_WITHIN_MS;
  for (;;) {
    try {
      await within(() => connection.workflowService.listWorkflowExecutions({ namespace, query, pageSize: 1 }));
      return;
    } catch (error) {
      if (Date.now() > until) throw error;
      await sleep(100);
    }
  }
}
