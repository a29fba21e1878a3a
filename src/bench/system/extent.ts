import { z } from 'zod';

const count = (min: number, max: number) => z.coerce.number().int().min(min).max(max).optional();

/** How much of a long measurement is made. A shorter one shows that everything works; its figures promise nothing. */
const Extent = z.object({
  BENCH_SECONDS: count(1, 3_600),
  BENCH_ROOMS: count(10, 5_000),
  BENCH_ROUNDS: count(1, 100),
});

export interface ExtentLimits {
  /** At most so many of each, where the environment says so. */
  seconds: (wanted: number) => number;
  rooms: (wanted: number) => number;
  rounds: (wanted: number) => number;
  /** Whether less is measured than was promised. */
  isShort: boolean;
}

/** From `BENCH_SECONDS`, `BENCH_ROOMS` and `BENCH_ROUNDS`: at most so long a phase, so many rooms, so many rounds. */
export function extentFrom(env: NodeJS.ProcessEnv): ExtentLimits {
  const { BENCH_SECONDS, BENCH_ROOMS, BENCH_ROUNDS } = Extent.parse(env);
  const atMost = (limit: number | undefined) => (wanted: number) => Math.min(wanted, limit ?? wanted);
  return {
    seconds: atMost(BENCH_SECONDS),
    rooms: atMost(BENCH_ROOMS),
    rounds: atMost(BENCH_ROUNDS),
    isShort: [BENCH_SECONDS, BENCH_ROOMS, BENCH_ROUNDS].some((limit) => limit !== undefined),
  };
}
