import { Metrics } from '../activities/metrics.js';
import type { RoomStream } from '../activities/room-stream.js';
import { SpoolDrainer } from '../activities/spool-drainer.js';
import { StreamRegistry } from '../activities/stream-registry.js';
import type { StreamDeps } from '../activities/stream-room.js';
import { codeOf } from '../model/error-code.js';
import { BarrageError } from '../model/errors.js';
import { PLATFORM_IDS } from '../platforms/addresses.js';
import { createPlatform } from '../platforms/index.js';
import type { Platform } from '../platforms/platform.js';
import { StatusPoller } from '../platforms/status-poller.js';
import type { Spool } from '../spool/spool.js';
import { type MongoStore, openStore } from '../store/open-store.js';
import { AckLog } from './ack-log.js';
import { workflowBundle } from './bundle.js';
import type { TemporalConnections } from './connect.js';
import { complaintsOf, refreshGauges } from './health.js';
import { lastConnectionFrom } from './last-connection.js';
import { Monitor } from './monitor.js';
import { closeLeftovers, type Leftovers } from './recovery.js';
import { RunningTokens } from './running-tokens.js';
import { createTemporalWorkers, type TemporalWorkers } from './temporal-workers.js';
import type { WorkerProcessOptions } from './worker.js';

/** What is opened before anything else, and how it is closed: in order. */
export interface Foundation {
  temporal: TemporalConnections;
  spool: Spool;
  folder: string;
  closing: (() => Promise<void>)[];
}

/** The parts of a worker process that have to be started and stopped. */
export interface Assembly extends Foundation {
  workers: TemporalWorkers;
  leftovers: Leftovers;
  running: RunningTokens;
  registry: StreamRegistry;
  monitor: Monitor;
  drainer: SpoolDrainer;
  /** Aborts when the worker wants to end: the spool is written out, and nothing more is waited for. */
  finishing: AbortController;
  /** Brings the store's indexes into being; rejects while MongoDB is away. */
  prepareStore: () => Promise<void>;
}

interface PlatformParts {
  platform: Platform;
  poller: StatusPoller;
}

const PREPARE_WITHIN_MS = 60_000;

/** Puts the parts of a worker process together; what it opens, `foundation.closing` closes. */
export async function assemble(options: WorkerProcessOptions, foundation: Foundation): Promise<Assembly> {
  const { config, namespace, log } = options;
  const { temporal, spool, folder, closing } = foundation;
  const { client } = temporal;
  const now = Date.now;
  const metrics = new Metrics(PLATFORM_IDS);
  metrics.watchProcess();
  const running = await RunningTokens.open(folder);
  const leftovers = await closeLeftovers(spool, running.all);
  const store = await openWatchedStore(options, metrics, closing);
  const platforms = openPlatforms(options, closing);
  const registry = new StreamRegistry();
  const monitor = await openMonitor(options, { spool, registry, metrics, now }, closing);
  const acks = openAckLog(options, spool, closing);
  const finishing = new AbortController();
  const platformOf = (id: string): PlatformParts => platformAmong(platforms, id);
  const drainer = new SpoolDrainer({
    spool,
    store,
    metrics,
    log,
    now,
    settings: config.worker,
    finishing: finishing.signal,
    running: running.begin,
    ...(acks !== undefined && { onStored: (range, ackedAt) => acks.write(range, ackedAt) }),
  });
  const workers = await createTemporalWorkers({
    connection: temporal.native,
    namespace,
    workflowBundle: options.workflowBundle ?? (await workflowBundle()),
    client,
    registry,
    config: config.worker,
    workerId: spool.workerId,
    drainer,
    metrics,
    log,
    rooms: { platformOf, spool, log, now, lastConnection: lastConnectionFrom(store) },
    discovery: { platformOf, client, namespace, now },
    streams: [...platforms.values()].map(({ platform, poller }): StreamDeps => ({
      platform,
      registry,
      client,
      spool,
      metrics,
      log,
      now,
      running: running.begin,
      lastConnections: leftovers.lastConnections,
      progressEveryMs: config.worker.progressEveryMs,
      watchStatus: (stream) => watchStatus(poller, stream),
    })),
  });
  const prepareStore = (): Promise<void> => store.prepare(AbortSignal.timeout(PREPARE_WITHIN_MS));
  return { ...foundation, workers, leftovers, running, registry, monitor, drainer, finishing, prepareStore };
}

async function openWatchedStore(
  { config, log }: WorkerProcessOptions,
  metrics: Metrics,
  closing: Foundation['closing'],
): Promise<MongoStore> {
  const store = await openStore(config.store, {
    onRefused: ({ _id, reason }) => {
      metrics.deadLetters('refused', 1);
      log.error({ id: _id, reason }, 'MongoDB refused a document; it is kept as a dead letter');
    },
  });
  closing.unshift(() => store.close());
  return store;
}

function platformAmong(platforms: ReadonlyMap<string, PlatformParts>, id: string): PlatformParts {
  const found = platforms.get(id);
  if (found === undefined) throw new BarrageError('UNKNOWN_PLATFORM', `There is no platform ${JSON.stringify(id)}.`);
  return found;
}

function watchStatus(poller: StatusPoller, stream: RoomStream): () => void {
  const { roomId, ownerId } = stream.request;
  if (ownerId === undefined) return () => undefined;
  return poller.watch({ roomId, ownerId }, (status) => stream.status(status));
}

function openPlatforms(
  { config, log }: WorkerProcessOptions,
  closing: Foundation['closing'],
): Map<string, PlatformParts> {
  const { statusEveryMs } = config.worker;
  const open = (id: string): [string, PlatformParts] => {
    const platform = createPlatform(id, config.platforms, { log });
    const poller = new StatusPoller({ platform, statusEveryMs, log });
    closing.unshift(async () => {
      await poller.close();
      await platform.close();
    });
    return [id, { platform, poller }];
  };
  return new Map(PLATFORM_IDS.map(open));
}

async function openMonitor(
  { config, sdkMetricsUrl, log }: WorkerProcessOptions,
  parts: Parameters<typeof complaintsOf>[0],
  closing: Foundation['closing'],
): Promise<Monitor> {
  const options = {
    ...config.monitor,
    registry: parts.metrics.registry,
    sdkMetricsUrl,
    complaints: () => complaintsOf(parts),
    refresh: () => refreshGauges(parts),
  };
  const monitor = await Monitor.listen(options).catch(async (error: unknown) => {
    if (codeOf(error) !== 'EADDRINUSE') throw error;
    const other = await Monitor.listen({ ...options, port: 0 });
    // A second worker on one machine must need no setting.
    log.warn({ port: options.port, url: other.url }, 'the port of the monitor is in use; another one was taken');
    return other;
  });
  closing.unshift(() => monitor.close());
  return monitor;
}

function openAckLog(
  { config, log }: WorkerProcessOptions,
  spool: Spool,
  closing: Foundation['closing'],
): AckLog | undefined {
  if (config.worker.ackLog === undefined) return undefined;
  const acks = new AckLog(config.worker.ackLog, spool.workerId, log);
  closing.unshift(() => acks.close());
  return acks;
}
