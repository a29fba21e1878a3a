import { DrillSystem, type SystemPlan } from '../../drills/system.js';
import { waitUntil } from '../../drills/wait-until.js';
import type { Simulator } from '../../simulator/simulator.js';
import type { PartOptions } from '../part.js';
import { type ProcessUsage, usageOf } from './process-usage.js';
import { startRooms } from './start-rooms.js';

/** Processes of the system; `platform` is the simulator, which is in the process that measures. */
export const ROLES = ['worker', 'temporal', 'mongo', 'platform'] as const;
export type Role = (typeof ROLES)[number];
export type Usage = Readonly<Record<Role, ProcessUsage>>;

/** What has come through. */
export interface Progress {
  /** Events that are durable in the spools, since the workers began. */
  accepted: number;
  /** Entries in the spools. */
  depth: number;
}

export interface LoadPlan {
  rooms: number;
  workers?: number;
  simulator?: SystemPlan['simulator'];
  settings?: SystemPlan['settings'];
  /** Of the worker processes. */
  workerEnv?: NodeJS.ProcessEnv;
}

/** As in service, where a drill has shorter ones; only the budgets are lifted. */
const SERVICE_SETTINGS = {
  'worker.progressEveryMs': 300_000,
  'worker.statusEveryMs': 60_000,
  'worker.shutdownTimeoutMs': 60_000,
  'platforms.bilibili.heartbeatMs': 30_000,
  'platforms.bilibili.readDeadlineMs': 70_000,
};

const CONNECTED_WITHIN_MS = 300_000;
const DRAINED_WITHIN_MS = 300_000;
/** A worker at the end of its processor answers late. */
const METRICS_WITHIN_MS = 60_000;
const LOOK_EVERY_MS = 200;
/** Nothing new for so long counts as silence. */
const SILENCE_MS = 600;

/** The whole system with rooms that are silent until they are told otherwise, and what its processes use. */
export class LoadedSystem {
  private constructor(
    readonly system: DrillSystem,
    private readonly signal: AbortSignal,
  ) {}

  /** With its workers, and no room yet. */
  static async start(plan: LoadPlan, { seed, env, report, signal }: PartOptions): Promise<LoadedSystem> {
    const { rooms, workers = 1, settings = {}, simulator = {}, workerEnv } = plan;
    const systemPlan: SystemPlan = {
      rooms,
      rate: 0,
      seed,
      workers,
      proxied: false,
      settings: { ...SERVICE_SETTINGS, ...settings },
      simulator,
    };
    const system = await DrillSystem.start(systemPlan, env, report, signal);
    const loaded = new LoadedSystem(system, signal);
    try {
      for (let count = 0; count < workers; count += 1) await system.startWorker(workerEnv);
    } catch (error) {
      await loaded.stop();
      throw error;
    }
    return loaded;
  }

  get simulator(): Simulator {
    return this.system.simulator;
  }

  /** Starts the first so many rooms, beyond those that are running, and waits until they are connected. Gives the seconds. */
  async connect(upTo: number): Promise<number> {
    const { simulator } = this.system;
    const startedAt = performance.now();
    const connected = this.system.connectedRooms();
    const wanted = this.system.roomIds.slice(0, upTo).filter((roomId) => !connected.has(roomId));
    await startRooms(wanted, (roomId) => this.system.startRoom(roomId), this.signal);
    const isThere = (): boolean => this.system.connectedRooms().size >= upTo;
    if (!(await this.until(isThere, CONNECTED_WITHIN_MS))) {
      throw new Error(`only ${this.system.connectedRooms().size} of ${upTo} rooms connected (${simulator.url})`);
    }
    return (performance.now() - startedAt) / 1_000;
  }

  /** Waits for a condition; false where it did not come true in time. */
  async until(condition: () => boolean | Promise<boolean>, withinMs: number): Promise<boolean> {
    return waitUntil(condition, { withinMs, everyMs: LOOK_EVERY_MS, signal: this.signal });
  }

  /** Messages a second over all rooms that are listened to, beside what all are told every half minute; `simulator.traffic.stop` ends both. */
  set rate(perSecond: number) {
    this.simulator.traffic.rate = perSecond;
  }

  /** By the workers' own count, in one question each: a page of metrics costs a worker some milliseconds. */
  async progress(): Promise<Progress> {
    let pages: Awaited<ReturnType<DrillSystem['metrics']>> = [];
    const areThere = async (): Promise<boolean> =>
      (pages = await this.system.metrics()).length === this.system.workers.length;
    if (!(await this.until(areThere, METRICS_WITHIN_MS))) throw new Error('a worker does not show its metrics');
    const sum = (metric: string): number => pages.reduce((total, page) => total + page.sum(metric), 0);
    return { accepted: sum('barrage_events_accepted_total'), depth: sum('barrage_spool_depth') };
  }

  /** Waits until what was sent has come through to MongoDB. Throws where it does not. */
  async settled(): Promise<void> {
    let before = -1;
    let changedAt = performance.now();
    const isSilent = async (): Promise<boolean> => {
      const { accepted, depth } = await this.progress();
      const now = performance.now();
      if (accepted !== before) changedAt = now;
      before = accepted;
      return now - changedAt >= SILENCE_MS && depth === 0;
    };
    if (!(await this.until(isSilent, DRAINED_WITHIN_MS))) throw new Error('the spools did not empty');
  }

  /** Of everything until now; several workers together. */
  async usage(): Promise<Usage> {
    const { workers, temporal, mongo } = this.system;
    const of = async (pids: readonly (number | undefined)[]): Promise<Usage[Role]> => {
      const each = await Promise.all(pids.map((pid) => (pid === undefined ? Promise.resolve(NONE) : usageOf(pid))));
      return each.reduce(
        (sum, one) => ({
          cpuSeconds: sum.cpuSeconds + one.cpuSeconds,
          residentMib: sum.residentMib + one.residentMib,
          waitedSeconds: sum.waitedSeconds + one.waitedSeconds,
        }),
        NONE,
      );
    };
    return {
      worker: await of(workers.map(({ pid }) => pid)),
      temporal: await of([temporal.current.pid]),
      mongo: await of([mongo.current.pid]),
      platform: await of([process.pid]),
    };
  }

  /** Ends everything, whatever state it is in. */
  async stop(): Promise<void> {
    await this.system.stop(false);
  }
}

const NONE = { cpuSeconds: 0, residentMib: 0, waitedSeconds: 0 };

/** CPU seconds between two looks. */
export const cpuBetween = (before: Usage, after: Usage): Record<Role, number> => ({
  worker: after.worker.cpuSeconds - before.worker.cpuSeconds,
  temporal: after.temporal.cpuSeconds - before.temporal.cpuSeconds,
  mongo: after.mongo.cpuSeconds - before.mongo.cpuSeconds,
  platform: after.platform.cpuSeconds - before.platform.cpuSeconds,
});
