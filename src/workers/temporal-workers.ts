import type { Client } from '@temporalio/client';
import {
  type InjectedSinks,
  type NativeConnection,
  Worker,
  type WorkerOptions,
  type WorkflowBundleOption,
} from '@temporalio/worker';
import { hostname } from 'node:os';
import { createSpoolActivities } from '../activities/drain-spool.js';
import { failureInterceptor } from '../activities/failure-interceptor.js';
import { createHangUpActivities } from '../activities/hang-up.js';
import { createDiscoveryActivities, type DiscoveryDeps } from '../activities/live-rooms.js';
import { createRoomActivities, type RoomDeps } from '../activities/room.js';
import type { StreamRegistry } from '../activities/stream-registry.js';
import type { Logger } from '../model/log.js';
import type { Metrics } from '../activities/metrics.js';
import type { SpoolDrainer } from '../activities/spool-drainer.js';
import { createStreamActivities, type StreamDeps } from '../activities/stream-room.js';
import { workerIdentity } from '../activities/worker-identity.js';
import { streamTaskQueue, TASK_QUEUE, workerTaskQueue } from '../model/stream.js';
import type { RoomSinks } from '../workflows/room-sinks.js';
import type { WorkerConfig } from './config.js';
import { WORKFLOW_SETTINGS } from './workflow-settings.js';

export interface TemporalWorkersOptions {
  connection: NativeConnection;
  namespace: string;
  workflowBundle: WorkflowBundleOption;
  workerId: string;
  config: WorkerConfig;
  client: Client;
  drainer: SpoolDrainer;
  metrics: Metrics;
  log: Logger;
  rooms: RoomDeps;
  discovery: DiscoveryDeps;
  /** One for each platform. */
  streams: readonly StreamDeps[];
  registry: StreamRegistry;
}

/** The Temporal workers of one process, by what they are for. */
export interface TemporalWorkers {
  /** Workflows and light activities. */
  common: Worker;
  /** Connections, one worker a platform. */
  streams: Worker[];
  /** What only this process can do: its spool, its sockets. */
  own: Worker;
}

/** Rooms that wait for a broadcast hold a slot each and cost nothing else. */
const LIGHT_ACTIVITIES = 10_000;

export async function createTemporalWorkers(options: TemporalWorkersOptions): Promise<TemporalWorkers> {
  const { connection, namespace, workerId, config, log, metrics } = options;
  const common: Omit<WorkerOptions, 'taskQueue'> = {
    connection,
    namespace,
    identity: workerIdentity(workerId, hostname(), process.pid, config.connections),
    interceptors: {
      activity: [({ info }) => ({ inbound: failureInterceptor(log, info) })],
    },
  };
  const sinks: InjectedSinks<RoomSinks> = {
    circuit: { opened: { fn: (_info, platform) => metrics.circuitOpened(platform) } },
  };
  return {
    common: await Worker.create({
      ...common,
      taskQueue: TASK_QUEUE,
      workflowBundle: options.workflowBundle,
      sinks,
      activities: { ...createRoomActivities(options.rooms), ...createDiscoveryActivities(options.discovery) },
      maxConcurrentActivityTaskExecutions: LIGHT_ACTIVITIES,
      ...WORKFLOW_SETTINGS,
    }),
    streams: await Promise.all(
      options.streams.map((deps) =>
        Worker.create({
          ...common,
          taskQueue: streamTaskQueue(deps.platform.id),
          activities: createStreamActivities(deps),
          maxConcurrentActivityTaskExecutions: config.connections,
          maxTaskQueueActivitiesPerSecond: config.connectsPerSecond,
        }),
      ),
    ),
    own: await Worker.create({
      ...common,
      taskQueue: workerTaskQueue(workerId),
      activities: { ...createSpoolActivities(options.drainer), ...createHangUpActivities(options.registry) },
      shutdownGraceTime: config.shutdownTimeoutMs, // the time to write the spool out
    }),
  };
}
