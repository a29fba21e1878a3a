import { shown, shownSpread } from '../figures.js';
import { atMost, type PartOptions, type PartOutcome, told } from '../part.js';
import { type Spread, spreadOf } from '../statistics.js';
import type { ExtentLimits } from '../system/extent.js';
import type { Role } from '../system/loaded-system.js';
import { loadRounds, microsecondsOf } from '../system/load-rounds.js';
import { startAll, stopAll } from './contenders.js';

const ROOMS = [10, 100, 1_000];
const RATE = 2_700;
const SECONDS = 15;
const ROUNDS = 5;
const WARM_UPS = 2;
const MOST = 1.1;
/** What may not depend on the number of rooms. */
const OWN: readonly Role[] = ['worker', 'temporal'];

const nameOf = (rooms: number): string => `${rooms.toLocaleString('en')} rooms`;

/** The CPU time of a message at one rate, however many rooms it is spread over. */
export async function costByRooms(options: PartOptions, extent: ExtentLimits): Promise<PartOutcome> {
  const counts = [...new Set(ROOMS.map(extent.rooms))];
  const all = await startAll(
    counts.map((rooms) => ({ name: nameOf(rooms), rooms })),
    options,
  );
  try {
    const plan = { rate: RATE, seconds: SECONDS, rounds: ROUNDS, warmUps: WARM_UPS, withIdle: true };
    const samples = await loadRounds(all, plan, options, extent);
    const costs = counts.map((rooms) => {
      const own = samples.get(nameOf(rooms)) ?? [];
      return {
        rooms,
        events: microsecondsOf(own, OWN, true),
        whole: microsecondsOf(own, OWN),
        mongo: microsecondsOf(own, ['mongo']),
      };
    });
    const [fewest, ...more] = costs;
    if (fewest === undefined) throw new RangeError('there is no number of rooms to measure');
    const rows = costs.flatMap(({ rooms, events, whole }) => [
      told(`${nameOf(rooms)}: worker and Temporal, without what they use idle`, spreadOf(events), 'µs a message'),
      told(`${nameOf(rooms)}: worker and Temporal`, spreadOf(whole), 'µs a message'),
    ]);
    for (const { rooms, ...own } of more) {
      const than = `${shown(rooms)} rooms, of one in ${shown(fewest.rooms)}`;
      rows.push(
        atMost(
          `a message in one of ${than}, without what they use idle`,
          growth(own.events, fewest.events),
          'ratio',
          MOST,
        ),
        atMost(`a message in one of ${than}`, growth(own.whole, fewest.whole), 'ratio', MOST),
      );
    }
    const table = {
      title: `CPU time of worker and Temporal at ${shown(RATE)} messages a second, µs a message; medians of ${fewest.events.length} rounds (least–most)`,
      head: ['rooms', 'without what they use idle', 'with it', 'MongoDB'],
      body: costs.map(({ rooms, events, whole, mongo }) => [
        shown(rooms),
        ...[events, whole, mongo].map((figures) => shownSpread(spreadOf(figures))),
      ]),
    };
    return { rows, tables: [table] };
  } finally {
    await stopAll(all);
  }
}

/** Round by round, how many times the cost. */
const growth = (own: readonly number[], before: readonly number[]): Spread =>
  spreadOf(own.map((cost, round) => cost / (before[round] ?? Infinity)));
