/** The wait after `after`, doubled each time between `firstMs` and `longestMs`; `after` is 0 before the first. All in milliseconds. */
export function backoffMs({
  firstMs,
  longestMs,
  after,
}: {
  firstMs: number;
  longestMs: number;
  after: number;
}): number {
  return Math.min(Math.max(firstMs, after * 2), longestMs);
}

/** `ms` made shorter by up to a quarter, so that those who failed together do not come back together. */
export const jittered = (ms: number, random: () => number): number => Math.round(ms * (1 - random() / 4));
