import { type Connection, isGrpcServiceError } from '@temporalio/client';
import { setTimeout as sleep } from 'node:timers/promises';

/** Temporal's numbers for the types, from `temporal/api/enums/v1/common.proto`. */
const TYPE_NUMBERS = { Text: 1, Keyword: 2, Int: 3, Double: 4, Bool: 5, Datetime: 6, KeywordList: 7 } as const;

/** Name → type of what workflows can be searched by. */
export type SearchAttributeTypes = Readonly<Record<string, keyof typeof TYPE_NUMBERS>>;

const CALL_WITHIN_MS = 10_000;
const USABLE_WITHIN_MS = 30_000;
/** Codes of gRPC. */
const INVALID_ARGUMENT = 3;
/** Where it is not for everybody; and where it is offered in another way, as in a hosted Temporal. */
const NO_LIST: ReadonlySet<number> = new Set([7, 12]);

/**
 * Registers what is missing in a namespace, and waits until a query may use it: the server's caches learn of it some seconds later.
 * Rejects with the server's own error, such as one that forbids it.
 */
export async function ensureSearchAttributes(
  connection: Connection,
  namespace: string,
  types: SearchAttributeTypes,
): Promise<void> {
  const missing = await missingSearchAttributes(connection, namespace, types);
  if (Object.keys(missing).length === 0) return;
  const searchAttributes = Object.fromEntries(
    Object.entries(missing).map(([name, type]) => [name, TYPE_NUMBERS[type]]),
  );
  await within(connection, () => connection.operatorService.addSearchAttributes({ namespace, searchAttributes }));
  const until = Date.now() + USABLE_WITHIN_MS;
  for (;;) {
    try {
      await query(connection, namespace, Object.keys(missing));
      return;
    } catch (error) {
      if (Date.now() > until) throw error;
      await sleep(100);
    }
  }
}

/**
 * Those that a namespace does not have. Its list tells; where only administrators may read that, whether a query may use each.
 * Rejects with the server's own error.
 */
export async function missingSearchAttributes(
  connection: Connection,
  namespace: string,
  types: SearchAttributeTypes,
): Promise<SearchAttributeTypes> {
  const known = await listed(connection, namespace).catch((error: unknown) => {
    if (!isGrpcServiceError(error) || !NO_LIST.has(error.code)) throw error;
    return usable(connection, namespace, Object.keys(types));
  });
  return Object.fromEntries(Object.entries(types).filter(([name]) => !known.has(name)));
}

async function listed(connection: Connection, namespace: string): Promise<Set<string>> {
  const { customAttributes } = await within(connection, () =>
    connection.operatorService.listSearchAttributes({ namespace }),
  );
  return new Set(Object.keys(customAttributes ?? {}));
}

async function usable(connection: Connection, namespace: string, names: readonly string[]): Promise<Set<string>> {
  const known = new Set<string>();
  for (const name of names) {
    try {
      await query(connection, namespace, [name]);
      known.add(name);
    } catch (error) {
      if (!isGrpcServiceError(error) || Number(error.code) !== INVALID_ARGUMENT) throw error;
    }
  }
  return known;
}

async function query(connection: Connection, namespace: string, names: readonly string[]): Promise<void> {
  const words = names.map((name) => `${name} IS NULL`).join(' AND ');
  await within(connection, () =>
    connection.workflowService.listWorkflowExecutions({ namespace, query: words, pageSize: 1 }),
  );
}

const within = <T>(connection: Connection, call: () => Promise<T>): Promise<T> =>
  connection.withDeadline(Date.now() + CALL_WITHIN_MS, call);
