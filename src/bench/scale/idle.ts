import { setTimeout as sleep } from 'node:timers/promises';
import { linePlotSvg } from '../../plot/line-plot.js';
import { shown } from '../figures.js';
import { atMost, type PartOptions, type PartOutcome, type Picture, type Row, type Table, told } from '../part.js';
import type { ExtentLimits } from '../system/extent.js';
import { cpuBetween, LoadedSystem, type Role, type Usage } from '../system/loaded-system.js';

/** Rooms that are connected and silent. */
const STEPS = [100, 1_000, 2_000, 3_000];
/** What follows upon the connecting (buffers, garbage, records) is over by then. */
const REST_SECONDS = 30;
const WATCH_SECONDS = 60;
const LOOKS = 6;

const MOST_KIB_A_ROOM = 100;
const MOST_TEMPORAL_CORES = 0.15;
const AT_ROOMS = 1_000;

interface Step {
  rooms: number;
  connectSeconds: number;
  /** The least of several looks: garbage that is not collected yet is no room's. */
  residentMib: Record<Role, number>;
  cores: Record<Role, number>;
}

/** What a room costs that is connected and says nothing. */
export async function idleRooms(options: PartOptions, extent: ExtentLimits): Promise<PartOutcome> {
  const wanted = [...new Set(STEPS.map(extent.rooms))];
  const most = Math.max(...wanted);
  const loaded = await LoadedSystem.start({ rooms: most }, { ...options, report: () => undefined });
  const steps: Step[] = [];
  try {
    loaded.simulator.traffic.stop();
    for (const rooms of wanted) {
      const connectSeconds = await loaded.connect(rooms);
      await loaded.settled();
      await sleep(extent.seconds(REST_SECONDS) * 1_000, undefined, { signal: options.signal });
      steps.push({ rooms, connectSeconds, ...(await watch(loaded, extent.seconds(WATCH_SECONDS), options.signal)) });
      const { residentMib, cores } = steps.at(-1) ?? { residentMib: NOBODY, cores: NOBODY };
      options.report(
        `${rooms} idle rooms: worker ${Math.round(residentMib.worker)} MiB and ${cores.worker.toFixed(3)} cores, ` +
          `Temporal ${Math.round(residentMib.temporal)} MiB and ${cores.temporal.toFixed(3)} cores`,
      );
    }
  } finally {
    await loaded.stop();
  }
  return { rows: rowsOf(steps), tables: [tableOf(steps)], pictures: await picturesOf(steps) };
}

const NOBODY: Record<Role, number> = { worker: 0, temporal: 0, mongo: 0, platform: 0 };

async function watch(
  loaded: LoadedSystem,
  seconds: number,
  signal: AbortSignal,
): Promise<Pick<Step, 'residentMib' | 'cores'>> {
  const first = await loaded.usage();
  const looks = [first];
  const startedAt = performance.now();
  for (let look = 0; look < LOOKS; look += 1) {
    await sleep((seconds * 1_000) / LOOKS, undefined, { signal });
    looks.push(await loaded.usage());
  }
  const tookSeconds = (performance.now() - startedAt) / 1_000;
  const cpu = cpuBetween(first, looks.at(-1) ?? first);
  const least = (role: Role): number => Math.min(...looks.map((usage: Usage) => usage[role].residentMib));
  const each = (figure: (role: Role) => number): Record<Role, number> => ({
    worker: figure('worker'),
    temporal: figure('temporal'),
    mongo: figure('mongo'),
    platform: figure('platform'),
  });
  return { residentMib: each(least), cores: each((role) => cpu[role] / tookSeconds) };
}

function rowsOf(steps: readonly Step[]): Row[] {
  const first = steps[0];
  const last = steps.at(-1);
  if (first === undefined || last === undefined || first === last) return [];
  const between = last.rooms - first.rooms;
  const extra = (role: Role): number => ((last.residentMib[role] - first.residentMib[role]) * 1_024) / between;
  const cpu = (role: Role): number => ((last.cores[role] - first.cores[role]) * 1e6) / between;
  const atThousand = steps.findLast(({ rooms }) => rooms <= AT_ROOMS) ?? first;
  const range = `idle rooms, ${first.rooms} → ${last.rooms}`;
  return [
    atMost(`${range}: memory of the worker, an extra room`, extra('worker'), 'KiB', MOST_KIB_A_ROOM),
    told(`${range}: memory of Temporal, an extra room`, extra('temporal'), 'KiB'),
    told(`${range}: CPU of the worker, an extra room`, cpu('worker'), 'µs a second'),
    told(`${range}: CPU of Temporal, an extra room`, cpu('temporal'), 'µs a second'),
    atMost(`${atThousand.rooms} idle rooms: Temporal`, atThousand.cores.temporal, 'cores', MOST_TEMPORAL_CORES),
    told(`${atThousand.rooms} idle rooms: the worker`, atThousand.cores.worker, 'cores'),
  ];
}

const tableOf = (steps: readonly Step[]): Table => ({
  title: 'Rooms that are connected and silent',
  head: [
    'rooms',
    'connected within s',
    'worker MiB',
    'worker cores',
    'Temporal MiB',
    'Temporal cores',
    'MongoDB cores',
  ],
  body: steps.map(({ rooms, connectSeconds, residentMib, cores }) => [
    shown(rooms),
    shown(connectSeconds),
    shown(residentMib.worker),
    cores.worker.toFixed(3),
    shown(residentMib.temporal),
    cores.temporal.toFixed(3),
    cores.mongo.toFixed(3),
  ]),
});

/** Memory and processors by rooms. */
async function picturesOf(steps: readonly Step[]): Promise<Picture[]> {
  const draw = async (file: string, title: string, y: string, figure: (step: Step, role: Role) => number) => {
    const line = (name: string, role: Role) => ({
      name,
      points: steps.map((step) => ({ x: step.rooms, y: figure(step, role) })),
    });
    const series = [line('worker', 'worker'), line('Temporal', 'temporal')];
    return { file, svg: await linePlotSvg({ title, x: 'rooms', y, series }) };
  };
  return [
    await draw(
      'scale-idle-memory.svg',
      'Rooms that say nothing: memory',
      'MiB',
      (step, role) => step.residentMib[role],
    ),
    await draw('scale-idle-cores.svg', 'Rooms that say nothing: processor', 'cores', (step, role) => step.cores[role]),
  ];
}
