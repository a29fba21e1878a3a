import { ApplicationFailure } from '@temporalio/common';
import { bundleWorkflowCode, DefaultLogger, NativeConnection, Worker, type WorkerOptions } from '@temporalio/worker';
import { join } from 'node:path';
import { failureInterceptor } from '../../src/activities/failure-interceptor.js';
import { silentLog } from '../../src/model/log.js';
import { streamTaskQueue, TASK_QUEUE, workerTaskQueue } from '../../src/model/stream.js';
import {
  discoveryActivities,
  hangUpActivities,
  roomActivities,
  spoolActivities,
  streamActivities,
  type World,
} from './random-orders-activities.js';

const SOURCES = join(import.meta.dirname, '../../src/workflows/index.ts');
const INTERCEPTORS = join(import.meta.dirname, 'random-orders-interceptor.ts');
/** Of the waits that failures bring with them, this part is waited. */
const WAIT_SHARE = 1 / 40;

/** The product's workflows, in which time runs faster. */
export const hastyWorkflows = (): Promise<{ code: string }> =>
  bundleWorkflowCode({
    logger: new DefaultLogger('WARN'),
    workflowsPath: SOURCES,
    workflowInterceptorModules: [INTERCEPTORS],
    webpackConfigHook: (config) => ({
      ...config,
      resolve: { ...config.resolve, extensionAlias: { '.js': ['.ts', '.js'] } },
    }),
  });

async function hastily<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof ApplicationFailure)) throw error;
    const { type, message, nonRetryable, details, category } = error;
    const nextRetryDelay = Math.max(1, Math.round(Number(error.nextRetryDelay ?? 1) * WAIT_SHARE));
    throw new ApplicationFailure(message, type, nonRetryable, details, undefined, nextRetryDelay, category);
  }
}

/** What one worker process runs, in this one, with scripts for activities: it can be stopped and started again. */
export class Node {
  readonly #workers: Worker[];
  readonly #done: Promise<unknown>;

  private constructor(
    private readonly connection: NativeConnection,
    workers: Worker[],
  ) {
    this.#workers = workers;
    this.#done = Promise.all(workers.map((worker) => worker.run()));
    this.#done.catch(() => undefined); // said by `stop`
  }

  static async start(
    world: World,
    workerId: string,
    server: { address: string; namespace: string },
    workflowBundle: { code: string },
  ): Promise<Node> {
    const { address, namespace } = server;
    const connection = await NativeConnection.connect({ address }); // one queue has one worker a connection
    const common: Omit<WorkerOptions, 'taskQueue'> = {
      connection,
      namespace,
      identity: `${workerId}@test`,
      maxHeartbeatThrottleInterval: 200,
      interceptors: {
        activity: [
          () => ({ inbound: { execute: (input, next) => hastily(() => next(input)) } }),
          ({ info }) => ({ inbound: failureInterceptor(silentLog, info) }),
        ],
      },
    };
    const spool = spoolActivities(world, workerId);
    return new Node(
      connection,
      await Promise.all([
        Worker.create({
          ...common,
          taskQueue: TASK_QUEUE,
          workflowBundle,
          maxCachedWorkflows: 10,
          workflowThreadPoolSize: 1,
          stickyQueueScheduleToStartTimeout: 1_000,
          activities: { ...roomActivities(world), ...discoveryActivities(world) },
          maxConcurrentActivityTaskExecutions: 500,
        }),
        Worker.create({
          ...common,
          taskQueue: streamTaskQueue('bilibili'),
          activities: streamActivities(world, workerId),
          maxConcurrentActivityTaskExecutions: 500,
        }),
        Worker.create({
          ...common,
          taskQueue: workerTaskQueue(workerId),
          activities: { ...spool, ...hangUpActivities(world, workerId) },
        }),
      ]),
    );
  }

  async stop(): Promise<void> {
    for (const worker of this.#workers) if (worker.getState() === 'RUNNING') worker.shutdown();
    await this.#done;
    await this.connection.close();
  }
}
