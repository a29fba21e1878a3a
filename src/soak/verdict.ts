import {
  type Explanation,
  type FigureKind,
  type FigureName,
  FIGURES,
  type Limits,
  type Sample,
  type Unit,
} from './figures.js';
import { median, type Point, trendOf } from './slope.js';

const HORIZON_HOURS = 30 * 24;
/** The first and the last figure are medians of so many samples. */
const ENDS = 5;

/** What is said of one figure. */
export interface Figure {
  name: string;
  unit: Unit;
  begin: number;
  end: number;
  /** Over the later half of the run; 0 where it does not rise or fall for sure. */
  perHour: number;
  in30Days: number;
  limit: number | null;
  /** Hours until the limit is reached; absent where that is never. */
  fullInHours: number | null;
  /** Why it may grow, and until when; null where nothing says so. */
  explained: string | null;
  /** False: it grows, nothing explains that, and it would matter within 30 days. */
  ok: boolean;
}

/** The points of one figure, in hours. */
export const pointsOf = (samples: readonly Sample[], name: FigureName): Point[] =>
  samples.flatMap(({ at, values }) => {
    const y = values[name];
    return y === undefined ? [] : [{ x: at / 3_600, y }];
  });

/** What follows from all samples, figure by figure. */
export function judge(samples: readonly Sample[], limits: Limits): Figure[] {
  return FIGURES.flatMap((kind) => {
    const points = pointsOf(samples, kind.name);
    return points.length === 0 ? [] : [judgeOne(kind, points, limits)];
  });
}

function judgeOne(kind: FigureKind, points: readonly Point[], limits: Limits): Figure {
  const begin = median(points.slice(0, ENDS).map(({ y }) => y));
  const end = median(points.slice(-ENDS).map(({ y }) => y));
  const { perHour, low } = trendOf(points);
  const limit = kind.limit?.(limits);
  const mayGrow = perHour > 0 && end <= (kind.explained?.atMost ?? Infinity);
  const explained = mayGrow ? kind.explained : undefined;
  const isEndless = explained !== undefined && (explained.levelsAfterHours ?? explained.atMost) === undefined;
  const in30Days = grown(end, perHour, explained);
  const isFull = limit !== undefined && in30Days >= limit;
  return {
    name: kind.name,
    unit: kind.unit,
    begin,
    end,
    perHour,
    in30Days,
    limit: limit ?? null,
    fullInHours: isFull && perHour > 0 ? Math.max(0, (limit - end) / perHour) : null,
    explained: explained?.because ?? null,
    // What levels off has to do so below its limit; an archive does not level off.
    ok: isEndless || limit === undefined || grown(end, low, explained) < limit,
  };
}

/** What it comes to in 30 days, or where it levels off before; what falls is not taken to fall on. */
function grown(end: number, perHour: number, explained: Explanation | undefined): number {
  const { levelsAfterHours = HORIZON_HOURS, atMost = Infinity } = explained ?? {};
  return Math.min(atMost, end + Math.max(0, perHour) * levelsAfterHours);
}
