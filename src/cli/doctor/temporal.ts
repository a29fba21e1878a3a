import { missingSearchAttributes } from '../../engines/search-attributes.js';
import { BarrageError, ERRORS } from '../../model/errors.js';
import { SEARCH_ATTRIBUTES } from '../../model/search-attributes.js';
import { TASK_QUEUE } from '../../model/stream.js';
import { ask } from '../ask-temporal.js';
import type { CommandContext } from '../context.js';
import { creatingCommand } from '../search-attribute-command.js';
import type { TemporalAccess } from '../temporal-access.js';
import { type Finding, findingsOf } from './check.js';

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

async function checkNamespace(access: TemporalAccess): Promise<Finding> {
  const { namespace, connection } = access;
  try {
    await ask(access, () => connection.workflowService.describeNamespace({ namespace }));
    return space.ok(`The namespace "${namespace}" is there.`);
  } catch (error) {
    if (!(error instanceof BarrageError)) throw error;
    return space.fail(
      `The namespace "${namespace}" cannot be used. ${error.message}`,
      `Make it (temporal operator namespace create -n ${namespace}), or set temporal.namespace.`,
    );
  }
}

async function checkSearchAttributes(access: TemporalAccess): Promise<Finding> {
  const { namespace, connection } = access;
  try {
    const missing = await ask(access, () => missingSearchAttributes(connection, namespace, SEARCH_ATTRIBUTES));
    const names = Object.keys(missing).join(', ');
    if (names === '') return attributes.ok(`All ${Object.keys(SEARCH_ATTRIBUTES).length} are registered.`);
    return attributes.warn(
      `Missing: ${names}. Without them no room can run.`,
      `A worker registers them where it may; or an administrator does, with ${creatingCommand(namespace, missing)}.`,
    );
  } catch (error) {
    if (!(error instanceof BarrageError)) throw error;
    return attributes.warn(`They could not be listed. ${error.message}`, ERRORS[error.code].help);
  }
}

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
