/** A stretch of time, from the first millisecond to the one after the last. */
export type Interval = readonly [start: number, end: number];

/** The same time, in order, nothing twice. */
export function union(intervals: readonly Interval[]): Interval[] {
  const sorted = intervals.filter(([start, end]) => start < end).sort(([a], [b]) => a - b);
  const merged: Interval[] = [];
  for (const [start, end] of sorted) {
    const last = merged.at(-1);
    if (last && start <= last[1]) merged[merged.length - 1] = [last[0], Math.max(last[1], end)];
    else merged.push([start, end]);
  }
  return merged;
}

/** What of `whole` is in none of `parts`. */
export function without(whole: readonly Interval[], parts: readonly Interval[]): Interval[] {
  const taken = union(parts);
  return union(whole).flatMap(([start, end]) => {
    const left: Interval[] = [];
    let at = start;
    for (const [from, to] of taken) {
      if (to <= at || from >= end) continue;
      if (from > at) left.push([at, from]);
      at = Math.max(at, to);
    }
    if (at < end) left.push([at, end]);
    return left;
  });
}

export const within = (intervals: readonly Interval[], [first, last]: Interval): Interval[] =>
  intervals.map(([start, end]) => [Math.max(start, first), Math.min(end, last)] as const);

export const lengthOf = (intervals: readonly Interval[]): number =>
  union(intervals).reduce((sum, [start, end]) => sum + end - start, 0);
