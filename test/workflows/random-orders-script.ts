/** Numbers in [0, 1) that follow from a seed and a name, whatever else happens meanwhile. */
export function randomOf(seed: number, name: string): () => number {
  let state = seed >>> 0;
  for (const letter of name) state = Math.imul(state ^ (letter.codePointAt(0) ?? 0), 0x01000193) >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** One of `weights`, each as likely as its weight. */
export function pick<Name extends string>(random: () => number, weights: Readonly<Record<Name, number>>): Name {
  const names = Object.keys(weights) as Name[];
  const total = names.reduce((sum, name) => sum + weights[name], 0);
  let left = random() * total;
  for (const name of names) {
    left -= weights[name];
    if (left < 0) return name;
  }
  throw new Error('there is nothing to pick from');
}

export const oneOf = <T>(random: () => number, all: readonly T[]): T => {
  const found = all[Math.floor(random() * all.length)];
  if (found === undefined) throw new Error('there is nothing to choose from');
  return found;
};

/** What becomes of each call of an activity, as `<how>`; in the order of the calls of one room. */
export const LOOKS = { live: 60, next: 10, offline: 12, 'fails soon': 10, 'fails after': 3, unforeseen: 3, refused: 1 };
export const AWAITS = { live: 80, 'fails soon': 10, shutdown: 4, stubborn: 4, silent: 1, refused: 1 };
export const STREAMS = {
  lost: 40,
  offline: 10,
  stubborn: 10,
  'told nothing': 5,
  'fails soon': 14,
  'fails after': 4,
  unforeseen: 3,
  shutdown: 5,
  refused: 1,
  silent: 3,
  'cancelled unasked': 2,
};
export const WRITES = { done: 80, slow: 10, 'fails soon': 10 };

/** An operator's hand, and discovery's. No query: see "A query can run ahead" in docs/decisions.md. */
export const ORDERS = {
  pause: 10,
  resume: 24,
  configure: 8,
  'configure nonsense': 4,
  retire: 5,
  'retire nonsense': 2,
  observed: 3,
  'observed nonsense': 4,
  reconnect: 12,
  burst: 6,
  start: 20,
  alias: 2,
  cancel: 5,
  terminate: 2,
  reset: 3,
  sweep: 2,
};
export type Order = keyof typeof ORDERS;

/** What somebody may type where a text, an object or nothing is expected. */
export const NONSENSE: readonly unknown[] = [
  ...[null, '', 'x'.repeat(2_000), 12, -1, true, [], {}, [['a']], { until: 'tomorrow' }, { priority: 9 }],
  ...[{ room: 'bilibili:2' }, { state: 'asleep' }, { workerId: 7 }, { __proto__: null, exclude: ['nothing'] }],
  ...[{ state: 'streaming', workerId: 'w', events: -1.5 }, { startedBy: 'nobody' }, { offlineGraceMs: -1 }],
];
export const CHANGES: readonly object[] = [
  { until: 'offline' },
  { until: 'cancelled' },
  { priority: 1 },
  { exclude: ['like'], offlineGraceMs: 0 },
  { startedBy: 'discovery' },
  { startedBy: 'person' },
];
