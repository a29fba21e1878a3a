import { type Spread, spreadOf } from './statistics.js';

/** One of those that are compared. */
export interface Contender {
  readonly name: string;
  /** Does some of the work, a few milliseconds of it or more, and gives how much that was. */
  run(): Promise<number>;
}

/** What one contender did in one round. */
export interface Sample {
  perSecond: number;
  /** Of all threads of this process. */
  perCpuSecond: number;
}

export interface RoundsOptions {
  rounds: number;
  /** Rounds before those that count, for the compiler. */
  warmUps: number;
  /** How long each contender works in each round, at least. */
  atLeastMs: number;
  signal: AbortSignal;
}

/** The samples of each contender, by its name; the one of the same place in each list is of the same round. */
export type Samples = ReadonlyMap<string, readonly Sample[]>;

/**
 * Lets all work in turns, round after round, each round beginning with another one: whatever else the machine does, it does to all of them, and a
 * ratio within a round says more than figures of two runs.
 */
export async function inRounds(contenders: readonly Contender[], options: RoundsOptions): Promise<Samples> {
  const { rounds, warmUps, atLeastMs, signal } = options;
  const samples = new Map<string, Sample[]>(contenders.map(({ name }) => [name, []]));
  for (let round = -warmUps; round < rounds; round += 1) {
    const first = (round + warmUps) % contenders.length;
    for (const contender of [...contenders.slice(first), ...contenders.slice(0, first)]) {
      signal.throwIfAborted();
      const sample = await measure(contender, atLeastMs);
      if (round >= 0) samples.get(contender.name)?.push(sample);
    }
  }
  return samples;
}

async function measure(contender: Contender, atLeastMs: number): Promise<Sample> {
  await new Promise((resolve) => void setImmediate(resolve)); // what the one before left behind is not this one's
  const cpu = process.cpuUsage();
  const startedAt = performance.now();
  let units = 0;
  let tookMs = 0;
  while (tookMs < atLeastMs) {
    units += await contender.run();
    tookMs = performance.now() - startedAt;
  }
  const { user, system } = process.cpuUsage(cpu);
  return { perSecond: (units / tookMs) * 1_000, perCpuSecond: (units / (user + system)) * 1_000_000 };
}

type Figure = keyof Sample;

const of = (samples: Samples, name: string): readonly Sample[] => {
  const own = samples.get(name);
  if (own === undefined) throw new RangeError(`nobody is called ${name}`);
  return own;
};

export const medianOf = (samples: Samples, name: string, figure: Figure): number =>
  spreadOf(of(samples, name).map((sample) => sample[figure])).median;

/** How many times as much as the best of the others `name` did, round by round. */
export function ratioToBest(samples: Samples, name: string, others: readonly string[], figure: Figure): Spread {
  const ratios = of(samples, name).map((sample, round) => {
    const best = Math.max(...others.map((other) => of(samples, other)[round]?.[figure] ?? 0));
    return sample[figure] / best;
  });
  return spreadOf(ratios);
}
