/** The middle of some figures, and how far they lie apart. */
export interface Spread {
  median: number;
  min: number;
  max: number;
}

/** Of at least one figure. */
export function spreadOf(figures: readonly number[]): Spread {
  const sorted = [...figures].sort((a, b) => a - b);
  return { median: quantileOf(sorted, 0.5), min: quantileOf(sorted, 0), max: quantileOf(sorted, 1) };
}

/** Of at least one figure; between two of them where none is at that place. */
export function quantileOf(sorted: readonly number[], share: number): number {
  const place = (sorted.length - 1) * share;
  const [below, above] = [sorted[Math.floor(place)], sorted[Math.ceil(place)]];
  if (below === undefined || above === undefined) throw new RangeError('no figures');
  return below + (above - below) * (place - Math.floor(place));
}
