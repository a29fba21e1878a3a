import { setTimeout as sleep } from 'node:timers/promises';
import type { PartOptions } from '../part.js';
import type { ExtentLimits } from './extent.js';

/** Something that can be loaded, and whose processes are known. */
export interface Loadable<K extends string> {
  readonly name: string;
  /** Messages a second; 0 ends the load. */
  setRate(perSecond: number): void;
  /** Resolves when everything that was sent is stored. */
  settled(): Promise<void>;
  /** CPU seconds of its processes until now. */
  cpuSeconds(): Promise<Readonly<Record<K, number>>>;
  /** Sent until now. */
  messages(): number;
}

/** What one of them did in one round; the CPU seconds are from the beginning of the load until everything was stored. */
export interface LoadSample<K extends string> {
  messages: number;
  cpuSeconds: Readonly<Record<K, number>>;
  /** The same time without a load, where it was asked for. */
  idleCpuSeconds: Readonly<Record<K, number>> | undefined;
}

/** What is done where nothing makes it shorter. */
export interface LoadPlan {
  /** Messages a second. */
  rate: number;
  seconds: number;
  rounds: number;
  /** Rounds before those that count, for the compilers. */
  warmUps: number;
  /** Whether each is also watched without a load, for as long. */
  withIdle: boolean;
}

/** Loads one after the other, round after round, each round beginning with another one. Samples by name; those of one place are of one round. */
export async function loadRounds<K extends string>(
  all: readonly Loadable<K>[],
  plan: LoadPlan,
  { report, signal }: PartOptions,
  extent: ExtentLimits,
): Promise<ReadonlyMap<string, readonly LoadSample<K>[]>> {
  const { warmUps } = plan;
  const [rounds, seconds] = [extent.rounds(plan.rounds), extent.seconds(plan.seconds)];
  const samples = new Map<string, LoadSample<K>[]>(all.map(({ name }) => [name, []]));
  for (let round = -warmUps; round < rounds; round += 1) {
    const first = (round + warmUps) % all.length;
    for (const one of [...all.slice(first), ...all.slice(0, first)]) {
      signal.throwIfAborted();
      const sample = await loadOne(one, { ...plan, seconds, withIdle: plan.withIdle && round >= 0 }, signal);
      const cpu = Object.entries<number>(sample.cpuSeconds);
      const words = cpu.map(([name, seconds]) => `${name} ${Math.round((seconds * 1e6) / sample.messages)}`);
      report(`${round < 0 ? 'warming up' : `round ${round + 1}`}, ${one.name}: µs a message: ${words.join(', ')}`);
      if (round >= 0) samples.get(one.name)?.push(sample);
    }
  }
  return samples;
}

async function loadOne<K extends string>(
  one: Loadable<K>,
  { rate, seconds, withIdle }: Pick<LoadPlan, 'rate' | 'seconds' | 'withIdle'>,
  signal: AbortSignal,
): Promise<LoadSample<K>> {
  const rest = (ms: number): Promise<void> => sleep(ms, undefined, { signal });
  let idleCpuSeconds: LoadSample<K>['idleCpuSeconds'];
  if (withIdle) {
    const before = await one.cpuSeconds();
    await rest(seconds * 1_000);
    idleCpuSeconds = between(before, await one.cpuSeconds());
  }
  const before = { cpu: await one.cpuSeconds(), messages: one.messages() };
  one.setRate(rate);
  await rest(seconds * 1_000).finally(() => one.setRate(0));
  await one.settled();
  const cpuSeconds = between(before.cpu, await one.cpuSeconds());
  return { messages: Math.max(1, one.messages() - before.messages), cpuSeconds, idleCpuSeconds };
}

function between<K extends string>(before: Readonly<Record<K, number>>, after: Readonly<Record<K, number>>) {
  const difference: Record<K, number> = { ...after };
  for (const name in difference) difference[name] -= before[name];
  return difference;
}

/** Round by round: some of the CPU time of a message, in microseconds. */
export const microsecondsOf = <K extends string>(
  samples: readonly LoadSample<K>[],
  roles: readonly K[],
  isWithoutIdle = false,
): number[] =>
  samples.map(({ messages, cpuSeconds, idleCpuSeconds }) => {
    const own = (role: K): number => cpuSeconds[role] - (isWithoutIdle ? (idleCpuSeconds?.[role] ?? 0) : 0);
    return (roles.reduce((sum, role) => sum + own(role), 0) * 1e6) / messages;
  });
