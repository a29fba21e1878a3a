import { Client, Connection, type ConnectionOptions } from '@temporalio/client';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inject } from 'vitest';
import { silentLog, type Logger } from '../src/model/log.js';
import type { RoomRef } from '../src/model/room.js';
import type { SimulatorInput } from '../src/simulator/options.js';
import { type Simulator, startSimulator } from '../src/simulator/simulator.js';
import { type MongoStore, openStore } from '../src/store/open-store.js';
import { BarrageConfig } from '../src/workers/config.js';
import { installRuntime } from '../src/workers/runtime.js';
import { WorkerProcess } from '../src/workers/worker.js';
import { freshNamespace } from './namespace.js';

type ConfigInput = Record<string, Record<string, unknown>>;

export interface StackOptions {
  simulator?: SimulatorInput;
  /** Sections of the configuration, laid over those of the tests. */
  config?: ConfigInput;
  workers?: number;
  log?: Logger;
  /** A Temporal of the test's own. */
  temporalAddress?: string;
  /** What the workers connect to Temporal with, beside its address. */
  temporal?: ConnectionOptions;
}

/** A simulated platform, workers in this process, and a namespace and a database of their own on the suite's engines. */
export interface TestStack {
  simulator: Simulator;
  workers: WorkerProcess[];
  client: Client;
  namespace: string;
  store: MongoStore;
  config: BarrageConfig;
  /** The ids of the simulator's live rooms, the most popular first. */
  liveRooms: string[];
  addWorker(): Promise<WorkerProcess>;
  room(roomId: string): RoomRef;
  stop(): Promise<void>;
}

let runtime: Promise<string> | undefined;

export async function startTestStack(options: StackOptions = {}): Promise<TestStack> {
  const sdkMetricsUrl = await (runtime ??= installRuntime(options.log ?? silentLog));
  const folder = await mkdtemp(join(tmpdir(), 'barrage-test-'));
  const address = options.temporalAddress ?? inject('temporalAddress');
  const namespace = await freshNamespace(address);
  const simulator = await startSimulator({ rooms: 3, rate: 30, ...options.simulator });
  const config = configOf(folder, simulator, options.config ?? {});
  const connection = await Connection.connect({ address });
  const client = new Client({ connection, namespace });
  const store = await openStore(config.store);
  const workers: WorkerProcess[] = [];
  const addWorker = async (): Promise<WorkerProcess> => {
    const log = options.log ?? silentLog;
    const worker = await WorkerProcess.start({
      config,
      temporal: { ...options.temporal, address },
      namespace,
      log,
      sdkMetricsUrl,
      workflowBundle: { codePath: inject('workflowBundlePath') },
    });
    workers.push(worker);
    return worker;
  };
  for (let count = 0; count < (options.workers ?? 1); count += 1) await addWorker();
  return {
    simulator,
    workers,
    client,
    namespace,
    store,
    config,
    addWorker,
    liveRooms: simulator.rooms.filter(({ liveStatus }) => liveStatus === 1).map(({ face }) => String(face.roomId)),
    room: (roomId) => ({ platform: 'bilibili', roomId }),
    stop: async () => {
      await Promise.all(workers.map((worker) => worker.stop()));
      await Promise.all(workers.map((worker) => worker.done.catch(() => undefined)));
      await store.close();
      await connection.close();
      await simulator.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

function configOf(folder: string, simulator: Simulator, sections: ConfigInput): BarrageConfig {
  const { url } = simulator;
  const lay = (section: string, own: object): object => ({ ...own, ...sections[section] });
  return BarrageConfig.parse({
    store: lay('store', { uri: inject('mongoUri'), database: `test_${Math.random().toString(36).slice(2, 10)}` }),
    spool: lay('spool', { folder: join(folder, 'spool') }),
    monitor: { port: 0 },
    worker: lay('worker', { connectsPerSecond: 100, progressEveryMs: 1_000, statusEveryMs: 1_000 }),
    discovery: lay('discovery', { enabled: false }),
    platforms: {
      bilibili: lay('bilibili', {
        apiUrl: url,
        liveApiUrl: url,
        wwwUrl: url,
        transport: 'ws',
        requestsPerSecond: 1000,
        requestBurst: 1000,
        blockedWaitMs: 1_000,
        riskControlWaitMs: 1_000,
      }),
    },
  });
}
