import { Client, Connection, WorkflowFailedError } from '@temporalio/client';
import { CancelledFailure } from '@temporalio/common';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Kept } from '../cli/kept.js';
import { MetricsPage } from '../cli/metrics-page.js';
import { type Stack, startStack } from '../cli/stack.js';
import { WorkerChild } from '../cli/worker-child.js';
import type { Engine, Report } from '../engines/engine.js';
import { roomKey, RoomOrder, roomWorkflowId } from '../model/room.js';
import { TASK_QUEUE } from '../model/stream.js';
import type { SimulatorInput } from '../simulator/options.js';
import type { Simulator } from '../simulator/simulator.js';
import { roomStart } from '../model/room-attributes.js';
import { type FlakyProxy, startFlakyProxy } from './flaky-proxy.js';
import { waitUntil } from './wait-until.js';
import { type SettingsTree, workerSettings } from './worker-settings.js';

/** What a drill runs on. */
export interface SystemPlan {
  rooms: number;
  /** Messages a second, over all rooms. */
  rate: number;
  seed: number;
  workers: number;
  /** Laid over what workers are told otherwise. */
  settings: SettingsTree;
  simulator: SimulatorInput;
  /** Workers reach MongoDB through a proxy that can fail. */
  proxied: boolean;
  /** Dynamic configuration of Temporal. */
  temporalConfig?: Readonly<Record<string, string | number | boolean>>;
}

export const DRILL_DATABASE = 'drill';

const PLATFORM = 'bilibili';
const ROOMS_AT_ONCE = 20;
const CALL_WITHIN_MS = 60_000;
const METRICS_WITHIN_MS = 3_000;
const LOOK_EVERY_MS = 50;

/** Everything there is, each part a process that can be killed; the simulator and its ledger are in this one. */
export class DrillSystem {
  /** Those that run. */
  readonly workers: WorkerChild[] = [];
  #logs = 0;
  readonly #closing: (() => Promise<void>)[] = [];
  readonly #onExit = (): void => this.#killAll();

  private constructor(
    readonly plan: SystemPlan,
    readonly folder: string,
    private readonly env: NodeJS.ProcessEnv,
    private readonly stack: Stack,
    readonly simulator: Simulator,
    readonly client: Client,
    readonly proxy: FlakyProxy | undefined,
    private readonly signal: AbortSignal,
  ) {
    process.on('exit', this.#onExit);
  }

  static async start(
    plan: SystemPlan,
    env: NodeJS.ProcessEnv,
    report: Report,
    signal: AbortSignal,
  ): Promise<DrillSystem> {
    const folder = await mkdtemp(join(tmpdir(), 'barrage-drill-'));
    const closing: (() => Promise<void>)[] = [];
    try {
      const simulate = { rooms: plan.rooms, rate: plan.rate, seed: plan.seed, ...LIFTED, ...plan.simulator };
      const options = { dataDir: join(folder, 'data'), simulate, settings: {}, workers: 0, restarts: false };
      const { temporalConfig = {} } = plan;
      const stack = await startStack({ ...options, temporalConfig, env, report, signal });
      closing.unshift(() => stack.stop());
      const connection = await Connection.connect({ address: stack.temporal.current.address });
      closing.unshift(() => connection.close());
      const proxy = plan.proxied ? await startFlakyProxy(stack.mongo.current.address) : undefined;
      if (proxy) closing.unshift(() => proxy.close());
      const { simulator } = stack;
      if (!simulator) throw new Error('the stack has a simulator');
      const client = new Client({ connection });
      const system = new DrillSystem(plan, folder, env, stack, simulator, client, proxy, signal);
      system.#closing.push(...closing);
      return system;
    } catch (error) {
      for (const close of closing) await close().catch(() => undefined);
      await remove(folder);
      throw error;
    }
  }

  get temporal(): Kept<Engine> {
    return this.stack.temporal;
  }

  get mongo(): Kept<Engine> {
    return this.stack.mongo;
  }

  get mongoUri(): string {
    return this.stack.mongo.current.address;
  }

  /** Where workers write down when each range was acknowledged. */
  get ackLog(): string {
    return join(this.folder, 'acks.jsonl');
  }

  /** Of the rooms that can be watched. */
  get roomIds(): number[] {
    return this.simulator.rooms.filter(({ bar }) => bar === undefined).map(({ face }) => face.roomId);
  }

  /** Starts a worker process and waits until it is ready; it takes the first spool that no living worker has. */
  async startWorker(env: NodeJS.ProcessEnv = {}): Promise<WorkerChild> {
    this.#logs += 1;
    const worker = await WorkerChild.start({
      settings: workerSettings(this.plan, {
        temporalAddress: this.temporal.current.address,
        mongoUri: this.proxy?.uri ?? this.mongoUri,
        simulatorUrl: this.simulator.url,
        spoolFolder: join(this.folder, 'spool'),
        ackLog: this.ackLog,
      }),
      env: { ...this.env, ...env },
      usesTemporalProfile: false,
      logFile: join(this.folder, 'logs', `worker-${this.#logs}.log`),
      signal: new AbortController().signal,
    });
    this.workers.push(worker);
    return worker;
  }

  /** SIGKILL; resolves when it is gone. */
  async killWorker(worker: WorkerChild): Promise<void> {
    this.#forget(worker);
    worker.kill();
    await worker.exited;
  }

  /** SIGTERM; resolves when it has ended. */
  async stopWorker(worker: WorkerChild): Promise<void> {
    this.#forget(worker);
    await worker.stop();
  }

  async startRooms(): Promise<void> {
    await this.#eachRoom((roomId) => this.startRoom(roomId));
  }

  /** As `barrage room start` does. */
  async startRoom(roomId: number): Promise<void> {
    const room = { platform: PLATFORM, roomId: String(roomId) };
    const start = { ...roomStart(room, RoomOrder.parse({ room: roomKey(room) })), taskQueue: TASK_QUEUE };
    await this.client.withDeadline(Date.now() + CALL_WITHIN_MS, () => this.client.workflow.start('room', start));
  }

  /** Ends every room as an operator would. Gives in words which had ended before, which did not end, and which workflow tasks had failed. */
  async endRooms(): Promise<string[]> {
    const complaints: string[] = [];
    await this.#eachRoom(async (roomId) => {
      const handle = this.client.workflow.getHandle(roomWorkflowId({ platform: PLATFORM, roomId: String(roomId) }));
      const within = <T>(call: () => Promise<T>): Promise<T> =>
        this.client.withDeadline(Date.now() + CALL_WITHIN_MS, call);
      await within(() => handle.cancel()).catch(() =>
        complaints.push(`room ${roomId} had ended before it was cancelled`),
      );
      await within(() => handle.result()).catch((error: unknown) => {
        if (!(error instanceof WorkflowFailedError && error.cause instanceof CancelledFailure))
          complaints.push(`room ${roomId} did not end as cancelled: ${String(error)}`);
      });
      const { events } = await within(() => handle.fetchHistory());
      for (const { workflowTaskFailedEventAttributes: failed } of events ?? [])
        if (failed?.failure?.message)
          complaints.push(`room ${roomId}: a workflow task failed: ${failed.failure.message}`);
    });
    return complaints;
  }

  /** Rooms that the platform can send to. */
  connectedRooms(): Set<number> {
    const healthy = this.simulator.connections().filter(({ isHalfOpen }) => !isHalfOpen);
    return new Set(healthy.map(({ roomId }) => roomId));
  }

  isWhole(): boolean {
    const connected = this.connectedRooms();
    return this.roomIds.every((roomId) => connected.has(roomId));
  }

  /** Waits for a condition; false where it did not come true in time. Rejects when the drill is interrupted. */
  async until(condition: () => boolean | Promise<boolean>, withinMs: number): Promise<boolean> {
    return waitUntil(condition, { withinMs, everyMs: LOOK_EVERY_MS, signal: this.signal });
  }

  /** Of each worker that runs and answers. */
  async metrics(): Promise<MetricsPage[]> {
    const pages = await Promise.all(this.workers.map(pageOf));
    return pages.filter((page) => page !== undefined);
  }

  /** One of the workers' figures, all of them together; undefined where one does not answer. */
  async sum(metric: string, labels: Readonly<Record<string, string>> = {}): Promise<number | undefined> {
    const pages = await this.metrics();
    if (pages.length < this.workers.length) return undefined;
    return pages.reduce((total, page) => total + page.sum(metric, labels), 0);
  }

  /** One of a worker's figures; undefined where it does not answer. */
  async figureOf(worker: WorkerChild, metric: string): Promise<number | undefined> {
    return (await pageOf(worker))?.sum(metric);
  }

  /** The worker with the most connections: its loss is the one that is felt. */
  async busiestWorker(): Promise<WorkerChild> {
    const pages = await this.metrics();
    if (pages.length < this.workers.length) throw new Error('a worker does not tell how many connections it has');
    const held = pages.map((page) => page.sum('barrage_connections', { state: 'streaming' }));
    const worker = this.workers[held.indexOf(Math.max(...held))];
    if (worker === undefined) throw new Error('there is no worker');
    return worker;
  }

  async stopWorkers(): Promise<void> {
    await Promise.all(this.workers.splice(0).map((worker) => worker.stop()));
  }

  /** Ends everything, and removes what it left on the disk unless that is to be looked at. */
  async stop(isKept: boolean): Promise<void> {
    await this.stopWorkers();
    for (const close of this.#closing.splice(0)) await close().catch(() => undefined);
    if (!isKept) await remove(this.folder);
    process.off('exit', this.#onExit);
  }

  #forget(worker: WorkerChild): void {
    const at = this.workers.indexOf(worker);
    if (at >= 0) this.workers.splice(at, 1);
  }

  async #eachRoom(act: (roomId: number) => Promise<void>): Promise<void> {
    const { roomIds } = this;
    for (let at = 0; at < roomIds.length; at += ROOMS_AT_ONCE)
      await Promise.all(roomIds.slice(at, at + ROOMS_AT_ONCE).map(act));
  }

  #killAll(): void {
    for (const worker of this.workers) worker.kill();
    this.stack.kill();
  }
}

const pageOf = ({ monitorUrl }: WorkerChild): Promise<MetricsPage | undefined> =>
  fetch(`${monitorUrl}/metrics`, { signal: AbortSignal.timeout(METRICS_WITHIN_MS) }).then(
    async (response) => new MetricsPage(await response.text()),
    () => undefined,
  );

const remove = (folder: string): Promise<void> => rm(folder, { recursive: true, force: true, maxRetries: 3 });

/** What protects the real platform would only protect the simulator from its own drills. */
const LIFTED = { connectionLimit: 10_000, apiPerSecond: 10_000, apiBurst: 100_000 } satisfies SimulatorInput;
