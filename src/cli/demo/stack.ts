import { Client, Connection } from '@temporalio/client';
import { rmSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { type Engine, engineSettings, type Report } from '../../engines/engine.js';
import { startMongo } from '../../engines/mongo.js';
import { prepareEngines } from '../../engines/prepare.js';
import { startTemporal } from '../../engines/temporal.js';
import { BarrageError } from '../../model/errors.js';
import { SEARCH_ATTRIBUTES } from '../../model/search-attributes.js';
import { FAULT_PRESET, type SimulatorInput } from '../../simulator/options.js';
import { type Simulator, startSimulator } from '../../simulator/simulator.js';
import type { DemoOptions } from './options.js';
import { DemoWorker } from './worker-process.js';
import { workerSettings } from './worker-settings.js';

/** Sockets of rooms that are just being ended and begun again count, too. */
const SPARE_CONNECTIONS = 100;

/** Everything a demo runs, on temporary data. */
export class DemoStack {
  #gone: string | undefined;
  readonly #engines: Engine[] = [];
  readonly #closing: (() => Promise<void>)[] = [];
  readonly #onExit = (): void => this.#killAll();
  #worker: DemoWorker | undefined;

  private constructor(readonly folder: string) {
    process.on('exit', this.#onExit);
    this.#closing.unshift(async () => rmSync(folder, { recursive: true, force: true, maxRetries: 3 }));
  }

  static async create(): Promise<DemoStack> {
    return new DemoStack(await mkdtemp(join(tmpdir(), 'barrage-demo-')));
  }

  /** Finds or builds the engines, a line each, and starts them. */
  async startEngines(env: NodeJS.ProcessEnv, report: Report, signal: AbortSignal): Promise<Engines> {
    const settings = engineSettings(env);
    await prepareEngines(settings, report, signal);
    const common = { settings, report, signal };
    const both = [
      startTemporal({ ...common, searchAttributes: SEARCH_ATTRIBUTES }).then((engine) => this.#keep(engine)),
      startMongo(common).then((engine) => this.#keep(engine)),
    ] as const;
    await Promise.allSettled(both); // so that nothing starts any more when one of them failed
    const [temporal, mongo] = await Promise.all(both);
    const connection = await Connection.connect({ address: temporal.address });
    this.#closing.unshift(() => connection.close());
    return { temporal, mongo, client: new Client({ connection }) };
  }

  async startSimulator(options: DemoOptions): Promise<Simulator> {
    const simulator = await startSimulator(simulatorSettings(options));
    this.#closing.unshift(() => simulator.close());
    return simulator;
  }

  async startWorker(
    options: DemoOptions,
    { temporal, mongo }: Engines,
    simulatorUrl: string,
    { env, signal }: { env: NodeJS.ProcessEnv; signal: AbortSignal },
  ): Promise<DemoWorker> {
    const { folder } = this;
    const addresses = { temporalAddress: temporal.address, mongoUri: mongo.address, simulatorUrl };
    const worker = await DemoWorker.start(folder, workerSettings(options, { folder, ...addresses }), env, signal);
    this.#worker = worker;
    this.#closing.unshift(() => worker.stop());
    return worker;
  }

  /** Throws `ENGINE_FAILED` where something that should run has ended. */
  async mustRun(): Promise<void> {
    if (this.#gone !== undefined) throw new BarrageError('ENGINE_FAILED', `${this.#gone} ended during the demo.`);
    await this.#worker?.mustRun();
  }

  /** Ends everything, the last first, and removes what it left on the disk. */
  async stop(): Promise<void> {
    for (const close of this.#closing.splice(0)) await close().catch(() => undefined);
    process.off('exit', this.#onExit);
  }

  #keep(engine: Engine): Engine {
    this.#engines.push(engine);
    void engine.exited.then(() => (this.#gone = engine.name));
    this.#closing.unshift(() => engine.stop());
    return engine;
  }

  /** For an end that nothing asynchronous survives: the second Ctrl-C. */
  #killAll(): void {
    this.#worker?.kill();
    for (const engine of this.#engines) engine.kill();
    for (const { logFile } of this.#engines) {
      if (logFile !== undefined) rmSync(dirname(logFile), { recursive: true, force: true });
    }
    rmSync(this.folder, { recursive: true, force: true });
  }
}

export interface Engines {
  temporal: Engine;
  mongo: Engine;
  client: Client;
}

const simulatorSettings = ({ rooms, rate, seed, faults }: DemoOptions): SimulatorInput => ({
  rooms,
  rate,
  seed,
  connectionLimit: rooms + SPARE_CONNECTIONS,
  apiPerSecond: 10_000,
  apiBurst: 100_000,
  faults: faults ? FAULT_PRESET : {},
});
