import { shown, shownSpread } from '../figures.js';
import { type PartOptions, type PartOutcome, told } from '../part.js';
import { spreadOf } from '../statistics.js';
import type { ExtentLimits } from '../system/extent.js';
import { loadRounds, microsecondsOf } from '../system/load-rounds.js';
import { startAll, stopAll } from './contenders.js';

const WORKERS = [1, 2, 4];
const ROOMS = 400;
const RATE = 2_700;
const SECONDS = 15;
const ROUNDS = 3;
const WARM_UPS = 2;
/** Beyond an even share, so that every room finds a place at once. */
const SPARE_PLACES = 10;

const nameOf = (workers: number): string => `${workers} worker ${workers === 1 ? 'process' : 'processes'}`;

/** The CPU time of a message, by how many processes share the rooms. */
export async function costByWorkers(options: PartOptions, extent: ExtentLimits): Promise<PartOutcome> {
  const rooms = extent.rooms(ROOMS);
  const all = await startAll(
    WORKERS.map((workers) => {
      const places = Math.ceil(rooms / workers) + SPARE_PLACES;
      return { name: nameOf(workers), rooms, workers, settings: { 'worker.connections': places } };
    }),
    options,
  );
  try {
    const plan = { rate: RATE, seconds: SECONDS, rounds: ROUNDS, warmUps: WARM_UPS, withIdle: false };
    const samples = await loadRounds(all, plan, options, extent);
    const roles = ['worker', 'temporal', 'mongo'] as const;
    const costs = WORKERS.map((workers) => {
      const own = samples.get(nameOf(workers)) ?? [];
      return { workers, spreads: roles.map((role) => spreadOf(microsecondsOf(own, [role]))) };
    });
    return {
      rows: costs.flatMap(({ workers, spreads }) =>
        spreads.map((spread, at) =>
          told(`${nameOf(workers)}: CPU of ${LABELS[roles[at] ?? 'worker']}`, spread, 'µs a message'),
        ),
      ),
      tables: [
        {
          title: `CPU time at ${shown(RATE)} messages a second over ${rooms} rooms, µs a message; medians (least–most)`,
          head: ['worker processes', 'workers', 'Temporal', 'MongoDB'],
          body: costs.map(({ workers, spreads }) => [String(workers), ...spreads.map(shownSpread)]),
        },
      ],
    };
  } finally {
    await stopAll(all);
  }
}

const LABELS = { worker: 'the workers', temporal: 'Temporal', mongo: 'MongoDB' } as const;
