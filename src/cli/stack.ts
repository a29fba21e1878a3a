import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { type Engine, type EngineSettings, engineSettings, type Report } from '../engines/engine.js';
import { startMongo } from '../engines/mongo.js';
import { isFree } from '../engines/ports.js';
import { prepareEngines } from '../engines/prepare.js';
import { startTemporal } from '../engines/temporal.js';
import { SEARCH_ATTRIBUTES } from '../model/search-attributes.js';
import type { SimulatorInput } from '../simulator/options.js';
import { type Simulator, startSimulator } from '../simulator/simulator.js';
import { Kept } from './kept.js';
import { plant } from './settings.js';
import type { TemporalTarget } from './temporal-target.js';
import { WorkerChild } from './worker-child.js';

/** The ports a stack takes where they are free. */
export interface StackPorts {
  temporal: number;
  ui: number;
  mongo: number;
}

export interface StackOptions {
  /** Absolute, and kept: spools, engines' data and logs are in it. Whoever wants them gone removes it after `stop`. */
  dataDir: string;
  /** Absent: no simulator. Workers are pointed at it. */
  simulate?: SimulatorInput;
  /** Settings of the workers, nested as in a configuration file; addresses and folders are the stack's. */
  settings: Readonly<Record<string, unknown>>;
  workers: number;
  /** Servers of somebody else's, used instead of our own. */
  named?: { temporal?: TemporalTarget; mongoUri?: string };
  /** Absent: any free ones. */
  ports?: StackPorts;
  env: NodeJS.ProcessEnv;
  report: Report;
  /** Ends the start; what has started is ended by `stop` only. */
  signal: AbortSignal;
  /** Whether what ends by itself is started again. Default: true. */
  restarts?: boolean;
  /** Dynamic configuration of our own Temporal. */
  temporalConfig?: Readonly<Record<string, string | number | boolean>>;
}

/** Engines, simulator and workers, each of which can be killed and comes back. */
export interface Stack {
  readonly temporal: Kept<Engine>;
  readonly mongo: Kept<Engine>;
  readonly simulator: Simulator | undefined;
  readonly workers: readonly Kept<WorkerChild>[];
  readonly namespace: string;
  /** Rejects when a part can never start again; otherwise pending. */
  readonly failed: Promise<never>;
  /** Workers first (they store what they accepted), then the simulator, then the engines. Idempotent. */
  stop(): Promise<void>;
  /** SIGKILL to everything, for an end that waits for nothing. */
  kill(): void;
}

type Closing = (() => Promise<void>)[];

/** Starts everything barrage needs around it. What had started when a part fails is stopped again before this rejects. */
export async function startStack(options: StackOptions): Promise<Stack> {
  const closing: Closing = [];
  const stop = async (): Promise<void> => {
    for (const close of closing.splice(0)) await close();
  };
  try {
    await mkdir(options.dataDir, { recursive: true, mode: 0o700 });
    const { temporal, mongo } = await startEngines(options, closing);
    const simulator = options.simulate && (await startSimulator(options.simulate));
    if (simulator) closing.unshift(() => simulator.close());
    const places = { temporal, mongo, simulatorUrl: simulator?.url };
    const workers = await startWorkers(options, places, closing);
    const parts = [temporal, mongo, ...workers];
    const failed = Promise.race(parts.map((part) => part.failed));
    failed.catch(() => undefined);
    const namespace = options.named?.temporal?.namespace ?? 'default';
    const kill = (): void => [...parts].reverse().forEach((part) => part.kill());
    return { temporal, mongo, simulator, workers, namespace, failed, stop, kill };
  } catch (error) {
    await stop();
    throw error;
  }
}

interface Engines {
  temporal: Kept<Engine>;
  mongo: Kept<Engine>;
}

async function startEngines(options: StackOptions, closing: Closing): Promise<Engines> {
  const { named = {}, report, signal } = options;
  const settings = engineSettings(options.env);
  if (!named.temporal && !named.mongoUri) await prepareEngines(settings, report, signal);
  const keep = async (
    name: string,
    start: (previous: Engine | undefined) => Promise<Engine>,
  ): Promise<Kept<Engine>> => {
    const kept = await Kept.start({ name, start, report, restarts: options.restarts ?? true });
    closing.unshift(() => kept.stop());
    return kept;
  };
  const both = [
    keep('Temporal', (previous) => temporalFrom(options, settings, previous)),
    keep('MongoDB', (previous) => mongoFrom(options, settings, previous)),
  ] as const;
  await Promise.allSettled(both); // so that nothing starts any more when one of them failed
  const [temporal, mongo] = await Promise.all(both);
  return { temporal, mongo };
}

async function temporalFrom(
  { named, ports, dataDir, report, signal, temporalConfig = {} }: StackOptions,
  settings: EngineSettings,
  previous: Engine | undefined,
): Promise<Engine> {
  const own = { dataDir: join(dataDir, 'temporal'), dynamicConfig: temporalConfig };
  const common = { settings, report, searchAttributes: SEARCH_ATTRIBUTES, ...own };
  if (named?.temporal) {
    const { options, namespace } = named.temporal;
    return startTemporal({ ...common, signal, named: options, namespace });
  }
  if (previous)
    return startTemporal({ ...common, port: portOf(previous.address), uiPort: portOf(previous.uiUrl ?? '') });
  const port = await wanted(ports?.temporal, 'Temporal', report);
  const uiPort = await wanted(ports?.ui, 'the Temporal UI', report);
  return startTemporal({ ...common, signal, port, uiPort });
}

async function mongoFrom(
  { named, ports, dataDir, report, signal }: StackOptions,
  settings: EngineSettings,
  previous: Engine | undefined,
): Promise<Engine> {
  const common = { settings, report, dataDir: join(dataDir, 'mongodb') };
  if (named?.mongoUri !== undefined) return startMongo({ ...common, signal, named: named.mongoUri });
  if (previous) return startMongo({ ...common, port: portOf(previous.address) });
  return startMongo({ ...common, signal, port: await wanted(ports?.mongo, 'MongoDB', report) });
}

/** Of `host:port` or a URL; clients hold on to it, so it stays when a server is started again. */
const portOf = (address: string): number => Number(/:(\d+)\/?$/.exec(address)?.[1] ?? 0);

/** The usual port, or 0 (any) where another program has it. */
async function wanted(port: number | undefined, what: string, report: Report): Promise<number> {
  if (port === undefined || (await isFree(port))) return port ?? 0;
  report(`port ${port} is in use, so ${what} gets another one`);
  return 0;
}

interface Places extends Engines {
  simulatorUrl: string | undefined;
}

async function startWorkers(options: StackOptions, places: Places, closing: Closing): Promise<Kept<WorkerChild>[]> {
  const workers: Kept<WorkerChild>[] = [];
  closing.unshift(async () => void (await Promise.all(workers.map((worker) => worker.stop()))));
  const settings = workerSettings(options, places);
  for (let number = 1; number <= options.workers; number += 1) {
    const start = (): Promise<WorkerChild> =>
      WorkerChild.start({
        settings,
        env: options.env,
        usesTemporalProfile: options.named?.temporal !== undefined,
        logFile: join(options.dataDir, 'logs', `worker-${number}.log`),
        signal: options.signal,
      });
    const { report, restarts = true } = options;
    // One after the other, so that each finds its own spool at once.
    workers.push(await Kept.start({ name: `worker ${number}`, start, report, restarts }));
  }
  return workers;
}

function workerSettings(
  { settings, dataDir, named }: StackOptions,
  { temporal, mongo, simulatorUrl }: Places,
): Record<string, unknown> {
  const tree: Record<string, unknown> = structuredClone(settings);
  const set = (key: string, value: unknown): void => plant(tree, key.split('.'), value);
  set('temporal.address', temporal.current.address);
  set('temporal.namespace', named?.temporal?.namespace ?? 'default');
  set('store.uri', mongo.current.address);
  set('spool.folder', join(dataDir, 'spool'));
  if (simulatorUrl !== undefined) {
    for (const key of ['apiUrl', 'liveApiUrl', 'wwwUrl']) set(`platforms.bilibili.${key}`, simulatorUrl);
    set('platforms.bilibili.transport', 'ws');
    // A login is of no use there, and none of its business.
    for (const key of ['cookie', 'cookieFile']) set(`platforms.bilibili.${key}`, undefined);
  }
  return tree;
}
