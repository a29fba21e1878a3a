import { setImmediate as turn } from 'node:timers/promises';
import { drawFrom } from '../../simulator/random.js';
import { atMost, type Part, type PartOptions, type PartOutcome, type Row, told } from '../part.js';
import { byHash, Cluster, firstIdleToAsk, firstToAsk, type Policy } from './cluster.js';

const ROOMS = 100_000;
const EXPONENT = 1;
const WORKERS = [10, 100, 1_000];
/** Of the workers, those that join, that leave, and that crash at once. */
const JOIN = 0.1;
const CRASH = 0.05;
/** Of the rooms, those that end while others begin, about an hour's worth. */
const CHURN = 0.3;

const POLICIES: readonly { name: string; policy: Policy; isAttracting: boolean }[] = [
  { name: 'task queue', policy: firstToAsk, isAttracting: false },
  { name: 'task queue, busy workers do not ask', policy: firstIdleToAsk, isAttracting: false },
  { name: 'rendezvous hash', policy: byHash, isAttracting: true },
];

interface Balance {
  rooms: number;
  load: number;
}

/** The fullest worker, in times of the mean. */
const balanceOf = ({ workers, shares }: Cluster): Balance => ({
  rooms: Math.max(...workers.map(({ rooms }) => rooms)) / (shares.length / workers.length),
  load: Math.max(...workers.map(({ load }) => load)) * workers.length,
});

interface Life {
  name: string;
  workers: number;
  start: Balance;
  joined: { moves: number; afterChurn: Balance };
  left: { theirs: number; moves: number };
  crashed: { theirs: number; moves: number; after: Balance };
  misplaced: number;
}

/** A cluster that starts, grows, lives on for a while, shrinks, and loses workers. */
function live({ name, policy, isAttracting }: (typeof POLICIES)[number], workers: number, seed: number): Life {
  const cluster = new Cluster(ROOMS, EXPONENT, { policy, draw: drawFrom(seed) });
  const movesOf = (change: () => void): number => {
    const before = cluster.moves;
    change();
    return cluster.moves - before;
  };
  const some = (share: number): number => Math.max(1, Math.round(share * workers));
  cluster.join(workers, false);
  cluster.placeAll();
  const start = balanceOf(cluster);
  const moves = movesOf(() => cluster.join(some(JOIN), isAttracting));
  cluster.churn(CHURN);
  const joined = { moves, afterChurn: balanceOf(cluster) };
  const losing = (size: number): { theirs: number; moves: number } => {
    let theirs = 0;
    const moved = movesOf(() => (theirs = cluster.leave(size)));
    return { theirs, moves: moved };
  };
  const left = losing(some(JOIN));
  const crashed = { ...losing(some(CRASH)), after: balanceOf(cluster) };
  return { name, workers, start, joined, left, crashed, misplaced: cluster.misplaced };
}

const count = (value: number): string => value.toLocaleString('en');
const factor = (value: number): string => value.toFixed(2);

const cellsOf = ({ name, workers, start, joined, left, crashed }: Life): string[] => [
  ...[String(workers), name, factor(start.rooms), factor(start.load)],
  ...[count(joined.moves), factor(joined.afterChurn.rooms), factor(joined.afterChurn.load)],
  ...[count(left.moves), count(crashed.moves), factor(crashed.after.load)],
];

function rowsOf(life: Life): Row[] {
  const { name, workers, start, joined, left, crashed } = life;
  const label = `${count(workers)} workers, ${name}`;
  return [
    told(`${label}: rooms of the fullest worker`, start.rooms, '× the mean'),
    told(`${label}: load of the fullest worker`, start.load, '× the mean'),
    told(`${label}: rooms that move when a tenth joins`, joined.moves, 'rooms'),
    atMost(`${label}: rooms that move though their worker stayed`, left.moves - left.theirs, 'rooms', 0),
    told(`${label}: rooms that a crash of a twentieth moves`, crashed.moves, 'rooms'),
    atMost(`${label}: rooms at no worker, or at two`, life.misplaced, 'rooms', 0),
  ];
}

async function* run({ seed, report, signal }: PartOptions): AsyncGenerator<PartOutcome> {
  const lives: Life[] = [];
  for (const workers of WORKERS) {
    for (const one of POLICIES) {
      signal.throwIfAborted();
      lives.push(live(one, workers, seed));
      report(`${count(workers)} workers, ${one.name}`);
      await turn();
    }
  }
  const [hottest = 0] = new Cluster(ROOMS, EXPONENT, { policy: firstToAsk, draw: drawFrom(seed) }).shares;
  yield {
    rows: lives.flatMap(rowsOf),
    tables: [
      {
        title: `${count(ROOMS)} rooms by Zipf (exponent ${EXPONENT}): the fullest worker, in times of the mean, and moves`,
        head: [
          ...['workers', 'who gets a room', 'rooms', 'load', 'a tenth joins: moves', 'later: rooms', 'later: load'],
          ...['a tenth leaves: moves', 'a twentieth crashes: moves', 'then: load'],
        ],
        body: lives.map(cellsOf),
      },
    ],
    notes: [
      `A simulation, without servers. The hottest room alone has ${(hottest * 100).toFixed(1)} % of all messages: ` +
        WORKERS.map((workers) => `${factor(hottest * workers)} × a worker's mean with ${count(workers)}`).join(', ') +
        `; no placement goes below that. Later: after ${CHURN * 100} % of the rooms have ended and others begun.`,
    ],
  };
}

export const placement: Part = {
  name: 'placement',
  about: 'where 100,000 rooms run when workers join, leave and crash: balance and moves, simulated',
  run,
};
