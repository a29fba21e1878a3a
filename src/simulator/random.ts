/** A source of numbers in [0, 1) that repeats for the same seed. */
export type Draw = () => number;

/** Mulberry32: small, fast, and good enough for traffic; never for secrets. */
export function drawFrom(seed: number): Draw {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** A seed for the `n`-th of many independent sources. */
export function mixSeed(seed: number, n: number): number {
  let mixed = Math.imul(seed ^ 0x9e3779b9, 0x85ebca6b) ^ Math.imul(n + 1, 0xc2b2ae35);
  mixed = Math.imul(mixed ^ (mixed >>> 16), 0x27d4eb2f);
  return (mixed ^ (mixed >>> 15)) >>> 0;
}

/** One of `items`, which holds at least one. */
export function pick<Item>(draw: Draw, items: readonly Item[]): Item {
  const item = items[Math.floor(draw() * items.length)];
  if (item === undefined) throw new RangeError('nothing to pick from');
  return item;
}

/** An integer in [`from`, `to`], both included. */
export function between(draw: Draw, from: number, to: number): number {
  return from + Math.floor(draw() * (to - from + 1));
}

/** How many of a Poisson process with this mean. A normal approximation above 30 keeps it cheap. */
export function poisson(draw: Draw, mean: number): number {
  if (mean <= 0) return 0;
  if (mean > 30) {
    const normal = Math.sqrt(-2 * Math.log(1 - draw())) * Math.cos(2 * Math.PI * draw());
    return Math.max(0, Math.round(mean + Math.sqrt(mean) * normal));
  }
  const limit = Math.exp(-mean);
  let count = 0;
  for (let product = draw(); product > limit; product *= draw()) count++;
  return count;
}

/** `length` hexadecimal digits. */
export function hex(draw: Draw, length: number): string {
  let text = '';
  while (text.length < length)
    text += Math.floor(draw() * 0x1_0000_0000)
      .toString(16)
      .padStart(8, '0');
  return text.slice(0, length);
}

/** Zipf's law: the share of the whole that each rank has, most popular first; the shares add up to 1. */
export function zipfShares(ranks: number, exponent: number): number[] {
  const weights = Array.from({ length: ranks }, (_, rank) => 1 / (rank + 1) ** exponent);
  const sum = weights.reduce((total, weight) => total + weight, 0);
  return weights.map((weight) => weight / sum);
}
