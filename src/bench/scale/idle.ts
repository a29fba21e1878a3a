import { linePlotSvg } from '../../plot/line-plot.js';
import { shown } from '../figures.js';
import { atMost, type PartOptions, type PartOutcome, type Picture, type Row, type Table, told } from '../part.js';
import type { ExtentLimits } from '../system/extent.js';
import { LoadedSystem, type Role } from '../system/loaded-system.js';
import { BareRooms } from './bare-rooms.js';
import { type IdleStep, idleSteps } from './idle-steps.js';

/** Rooms that are connected and silent. */
const STEPS = [100, 1_000, 2_000, 3_000];

const MOST_KIB_A_ROOM = 100;
const MOST_TEMPORAL_CORES = 0.15;
const AT_ROOMS = 1_000;

/** What a room costs that is connected and says nothing; then what of that Temporal and its SDK take by themselves. */
export async function* idleRooms(options: PartOptions, extent: ExtentLimits): AsyncGenerator<PartOutcome> {
  const numbers = [...new Set(STEPS.map(extent.rooms))];
  const barrage = await barrageSteps(numbers, options, extent);
  yield { rows: rowsOf(barrage), tables: [tableOf('Rooms that are connected and silent', barrage)], notes: [NOTE] };
  const bare = await bareSteps(numbers, options, extent);
  yield {
    rows: bareRowsOf(bare),
    tables: [tableOf('Bare rooms', bare)],
    pictures: await picturesOf(barrage, bare),
    notes: [BARE_NOTE],
  };
}

const NOTE = 'Settings as in service (a heartbeat every 30 s), the request budget lifted.';
const BARE_NOTE =
  'A bare room is a workflow that waits for one activity, which heartbeats as a stream does, and nothing else: what Temporal and its SDK take by themselves.';

async function barrageSteps(numbers: readonly number[], options: PartOptions, extent: ExtentLimits) {
  const rooms = Math.max(...numbers);
  const loaded = await LoadedSystem.start({ rooms }, { ...options, report: () => undefined });
  const connect = async (upTo: number): Promise<number> => {
    const seconds = await loaded.connect(upTo);
    await loaded.settled();
    return seconds;
  };
  try {
    loaded.simulator.traffic.stop();
    return await idleSteps('idle rooms', { connect, usage: () => loaded.usage() }, numbers, options, extent);
  } finally {
    await loaded.stop();
  }
}

async function bareSteps(numbers: readonly number[], options: PartOptions, extent: ExtentLimits) {
  const bare = await BareRooms.start(Math.max(...numbers), { ...options, report: () => undefined });
  try {
    return await idleSteps('bare rooms', bare, numbers, options, extent);
  } finally {
    await bare.stop();
  }
}

interface Growth {
  range: string;
  /** What an extra room takes: memory in KiB, the processor in microseconds a second. */
  kib(role: Role): number;
  cpu(role: Role): number;
}

function growthOf(steps: readonly IdleStep[]): Growth | undefined {
  const first = steps[0];
  const last = steps.at(-1);
  if (first === undefined || last === undefined || first === last) return undefined;
  const between = last.rooms - first.rooms;
  return {
    range: `${first.rooms} → ${last.rooms}`,
    kib: (role) => ((last.residentMib[role] - first.residentMib[role]) * 1_024) / between,
    cpu: (role) => ((last.cores[role] - first.cores[role]) * 1e6) / between,
  };
}

const atThousand = (steps: readonly IdleStep[]): IdleStep | undefined =>
  steps.findLast(({ rooms }) => rooms <= AT_ROOMS) ?? steps[0];

function rowsOf(steps: readonly IdleStep[]): Row[] {
  const [growth, step] = [growthOf(steps), atThousand(steps)];
  if (growth === undefined || step === undefined) return [];
  const range = `idle rooms, ${growth.range}`;
  return [
    atMost(`${range}: memory of the worker, an extra room`, growth.kib('worker'), 'KiB', MOST_KIB_A_ROOM),
    told(`${range}: memory of Temporal, an extra room`, growth.kib('temporal'), 'KiB'),
    told(`${range}: CPU of the worker, an extra room`, growth.cpu('worker'), 'µs a second'),
    told(`${range}: CPU of Temporal, an extra room`, growth.cpu('temporal'), 'µs a second'),
    atMost(`${step.rooms} idle rooms: Temporal`, step.cores.temporal, 'cores', MOST_TEMPORAL_CORES),
    told(`${step.rooms} idle rooms: the worker`, step.cores.worker, 'cores'),
  ];
}

function bareRowsOf(steps: readonly IdleStep[]): Row[] {
  const [growth, step] = [growthOf(steps), atThousand(steps)];
  if (growth === undefined || step === undefined) return [];
  return [
    told(`bare rooms, ${growth.range}: memory of the worker, an extra room`, growth.kib('worker'), 'KiB'),
    told(`${step.rooms} bare rooms: Temporal`, step.cores.temporal, 'cores'),
    told(`${step.rooms} bare rooms: the worker`, step.cores.worker, 'cores'),
  ];
}

const tableOf = (title: string, steps: readonly IdleStep[]): Table => ({
  title,
  head: [
    'rooms',
    'there after s',
    'CPU meanwhile, a new room: worker ms',
    'Temporal ms',
    'worker MiB',
    'worker cores',
    'Temporal MiB',
    'Temporal cores',
    'MongoDB cores',
  ],
  body: steps.map(({ rooms, connectSeconds, startMs, residentMib, cores }) => [
    shown(rooms),
    shown(connectSeconds),
    shown(startMs.worker),
    shown(startMs.temporal),
    shown(residentMib.worker),
    cores.worker.toFixed(3),
    shown(residentMib.temporal),
    cores.temporal.toFixed(3),
    cores.mongo.toFixed(3),
  ]),
});

/** Memory and processors by rooms. */
async function picturesOf(barrage: readonly IdleStep[], bare: readonly IdleStep[]): Promise<Picture[]> {
  const draw = async (file: string, title: string, y: string, figure: (step: IdleStep, role: Role) => number) => {
    const line = (name: string, steps: readonly IdleStep[], role: Role) => ({
      name,
      points: steps.map((step) => ({ x: step.rooms, y: figure(step, role) })),
    });
    const series = [
      line('worker', barrage, 'worker'),
      line('Temporal', barrage, 'temporal'),
      line('worker, bare', bare, 'worker'),
      line('Temporal, bare', bare, 'temporal'),
    ];
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
