import { BarrageError, ERRORS } from '../../model/errors.js';
import { SEARCH_ATTRIBUTES } from '../../model/search-attributes.js';
import { TASK_QUEUE } from '../../model/stream.js';
import type { CommandContext } from '../context.js';
import { withoutCredentials } from '../secrets.js';
import type { TemporalAccess } from '../temporal-access.js';
import { type Finding, findingsOf } from './check.js';

const CALL_WITHIN_MS = 10_000;
/** `TASK_QUEUE_TYPE_WORKFLOW` of Temporal's interface. */
const WORKFLOW_QUEUE = 1;

const server = findingsOf('temporal');
const space = findingsOf('namespace');
const attributes = findingsOf('search attributes');
const workers = findingsOf('workers');

/** Whether Temporal answers, and has what barrage needs. */
export async function checkTemporal(context: CommandContext): Promise<Finding[]> {
  let access: TemporalAccess;
  try {
    access = await context.temporal();
  } catch (error) {
    if (!(error instanceof BarrageError)) throw error;
    return [server.fail(error.message, ERRORS[error.code].help)];
  }
  const { from } = (await context.settings()).temporal;
  const version = await ask(access, () => access.connection.workflowService.getSystemInfo({}));
  const found = server.ok(`Temporal ${version.serverVersion ?? ''} answers at ${access.address} (${from}).`);
  const namespace = await checkNamespace(access);
  if (namespace.status === 'fail') return [found, namespace];
  return [found, namespace, await checkSearchAttributes(access), await checkWorkers(access)];
}

const ask = <T>({ connection }: TemporalAccess, call: () => Promise<T>): Promise<T> =>
  connection.withDeadline(Date.now() + CALL_WITHIN_MS, call);

const words = (error: unknown): string =>
  withoutCredentials(error instanceof Error ? error.message : 'unknown').slice(0, 200);

async function checkNamespace(access: TemporalAccess): Promise<Finding> {
  const { namespace, connection } = access;
  try {
    await ask(access, () => connection.workflowService.describeNamespace({ namespace }));
    return space.ok(`The namespace "${namespace}" is there.`);
  } catch (error) {
    return space.fail(
      `The namespace "${namespace}" cannot be used: ${words(error)}.`,
      `Make it (temporal operator namespace create -n ${namespace}), or set temporal.namespace.`,
    );
  }
}

async function checkSearchAttributes(access: TemporalAccess): Promise<Finding> {
  const { namespace, connection } = access;
  const commands = (names: readonly (keyof typeof SEARCH_ATTRIBUTES)[]): string =>
    names.map((name) => `--name ${name} --type ${SEARCH_ATTRIBUTES[name]}`).join(' ');
  try {
    const { customAttributes } = await ask(access, () =>
      connection.operatorService.listSearchAttributes({ namespace }),
    );
    const missing = namesOf(SEARCH_ATTRIBUTES).filter((name) => !(name in (customAttributes ?? {})));
    if (missing.length === 0) return attributes.ok(`All ${namesOf(SEARCH_ATTRIBUTES).length} are registered.`);
    return attributes.warn(
      `Missing: ${missing.join(', ')}. Without them the UI cannot list rooms by their state.`,
      `A worker registers them where it may; or: temporal operator search-attribute create ${commands(missing)}.`,
    );
  } catch (error) {
    return attributes.warn(`They could not be listed: ${words(error)}.`, 'Ask who runs Temporal to register them.');
  }
}

const namesOf = <K extends string>(record: Readonly<Record<K, unknown>>): K[] => {
  const isName = (name: string): name is K => name in record;
  return Object.keys(record).filter(isName);
};

async function checkWorkers(access: TemporalAccess): Promise<Finding> {
  const { namespace, connection } = access;
  const answer = await ask(access, () =>
    connection.workflowService.describeTaskQueue({
      namespace,
      taskQueue: { name: TASK_QUEUE },
      taskQueueType: WORKFLOW_QUEUE,
    }),
  );
  const count = new Set(answer.pollers?.map(({ identity }) => identity)).size;
  if (count > 0) return workers.ok(`${count} polled the task queue ${TASK_QUEUE} within the last minutes.`);
  return workers.warn(
    'No worker polls: rooms that are started wait until one does.',
    'Run `barrage worker`, or `barrage up`.',
  );
}
