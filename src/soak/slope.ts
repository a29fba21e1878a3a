/** A straight line through a figure's later part; per hour. */
export interface Slope {
  perHour: number;
  /** With 99 % confidence the slope is between these. */
  low: number;
  high: number;
}

export interface Point {
  /** Hours since the load began. */
  x: number;
  y: number;
}

/** Neighbours are alike, and a garbage collector draws teeth: the median of a block counts once. */
const BLOCKS = 24;
const FEWEST_BLOCKS = 6;
/** Of the normal distribution, 99 % of it on both sides together. */
const Z = 2.576;

/**
 * How fast a figure rises or falls, per hour, judged by the later half of a run, when caches are warm; 0 where that is not certain.
 * What slows down is on its way to a level: the last quarter counts where it is the flatter one.
 */
export function trendOf(points: readonly Point[]): Slope {
  const last = points.at(-1)?.x ?? 0;
  const since = (share: number): Slope => certain(slopeOf(points.filter(({ x }) => x >= last * share)));
  const [half, quarter] = [since(1 / 2), since(3 / 4)];
  return Math.abs(quarter.perHour) < Math.abs(half.perHour) ? quarter : half;
}

const LEVEL: Slope = { perHour: 0, low: 0, high: 0 };
const certain = (slope: Slope | undefined): Slope =>
  slope !== undefined && (slope.low > 0 || slope.high < 0) ? slope : LEVEL;

/**
 * Theil–Sen: the median of the slopes between all pairs of blocks, which a few outliers do not move, with Sen's confidence interval.
 * Undefined where there are too few points to say anything.
 */
export function slopeOf(points: readonly Point[]): Slope | undefined {
  const blocks = blockMedians(points);
  const count = blocks.length;
  if (count < FEWEST_BLOCKS) return undefined;
  const slopes: number[] = [];
  for (const [at, one] of blocks.entries()) {
    for (const other of blocks.slice(at + 1)) slopes.push((other.y - one.y) / (other.x - one.x));
  }
  slopes.sort((a, b) => a - b);
  const spread = Z * Math.sqrt((count * (count - 1) * (2 * count + 5)) / 18);
  const place = (at: number): number => slopes[Math.min(slopes.length - 1, Math.max(0, Math.round(at)))] ?? 0;
  return {
    perHour: median(slopes),
    low: place((slopes.length - spread) / 2 - 1),
    high: place((slopes.length + spread) / 2),
  };
}

function blockMedians(points: readonly Point[]): Point[] {
  const size = Math.max(1, Math.floor(points.length / BLOCKS));
  const blocks: Point[] = [];
  for (let at = 0; at + size <= points.length; at += size) {
    const block = points.slice(at, at + size);
    blocks.push({ x: median(block.map(({ x }) => x)), y: median(block.map(({ y }) => y)) });
  }
  return blocks;
}

/** Of any numbers, in any order; 0 of none. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length / 2;
  const above = sorted[Math.floor(middle)] ?? 0;
  return sorted.length % 2 === 1 ? above : (above + (sorted[middle - 1] ?? above)) / 2;
}
