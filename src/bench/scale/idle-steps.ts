import { setTimeout as sleep } from 'node:timers/promises';
import type { PartOptions } from '../part.js';
import type { ExtentLimits } from '../system/extent.js';
import { cpuBetween, type Role, type Usage } from '../system/loaded-system.js';

/** What follows upon the connecting (buffers, garbage, records) is over by then. */
const REST_SECONDS = 30;
const WATCH_SECONDS = 60;
const LOOKS = 6;

/** Rooms that are there and silent. */
export interface IdleRooms {
  /** Starts the first so many, and waits until they are there. Gives the seconds. */
  connect(upTo: number): Promise<number>;
  usage(): Promise<Usage>;
}

/** What so many silent rooms take. */
export interface IdleStep {
  rooms: number;
  connectSeconds: number;
  /** CPU time while they were started, for each room more than before, in milliseconds; with what the rooms that were there already took meanwhile. */
  startMs: Record<Role, number>;
  /** The least of several looks: garbage that is not collected yet is no room's. */
  residentMib: Record<Role, number>;
  cores: Record<Role, number>;
}

/** Starts ever more rooms, up to each of `numbers`, and looks at what they take when they rest. */
export async function idleSteps(
  name: string,
  idle: IdleRooms,
  numbers: readonly number[],
  { report, signal }: PartOptions,
  extent: ExtentLimits,
): Promise<IdleStep[]> {
  const steps: IdleStep[] = [];
  for (const rooms of numbers) {
    const more = rooms - (steps.at(-1)?.rooms ?? 0);
    const before = await idle.usage();
    const connectSeconds = await idle.connect(rooms);
    const cpu = cpuBetween(before, await idle.usage());
    await sleep(extent.seconds(REST_SECONDS) * 1_000, undefined, { signal });
    const { residentMib, cores } = await watch(idle, extent.seconds(WATCH_SECONDS), signal);
    steps.push({ rooms, connectSeconds, startMs: each((role) => (cpu[role] * 1e3) / more), residentMib, cores });
    report(
      `${rooms} ${name}: worker ${Math.round(residentMib.worker)} MiB and ${cores.worker.toFixed(3)} cores, ` +
        `Temporal ${Math.round(residentMib.temporal)} MiB and ${cores.temporal.toFixed(3)} cores`,
    );
  }
  return steps;
}

async function watch(
  idle: IdleRooms,
  seconds: number,
  signal: AbortSignal,
): Promise<Pick<IdleStep, 'residentMib' | 'cores'>> {
  const first = await idle.usage();
  const looks = [first];
  const startedAt = performance.now();
  for (let look = 0; look < LOOKS; look += 1) {
    await sleep((seconds * 1_000) / LOOKS, undefined, { signal });
    looks.push(await idle.usage());
  }
  const tookSeconds = (performance.now() - startedAt) / 1_000;
  const cpu = cpuBetween(first, looks.at(-1) ?? first);
  return {
    residentMib: each((role) => Math.min(...looks.map((usage) => usage[role].residentMib))),
    cores: each((role) => cpu[role] / tookSeconds),
  };
}

const each = (figure: (role: Role) => number): Record<Role, number> => ({
  worker: figure('worker'),
  temporal: figure('temporal'),
  mongo: figure('mongo'),
  platform: figure('platform'),
});
