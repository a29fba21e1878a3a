/** A stretch of time; without `end` it goes on. */
interface Span {
  start: Date;
  end?: Date | undefined;
}

export interface SessionTimes {
  startedAt?: Date | undefined;
  endedAt?: Date | undefined;
}
export interface ConnectionTimes {
  connectedAt: Date;
  coveredUntil?: Date | undefined;
  endedAt?: Date | undefined;
}
export interface GapTimes {
  from: Date;
  to?: Date | undefined;
}

/** How much of a session is recorded. `totalMs = coveredMs + gapMs + unexplainedMs`; the last is 0 when the record is complete. */
export interface Completeness {
  totalMs: number;
  coveredMs: number;
  /** Known not to be recorded, and not covered by another connection. */
  gapMs: number;
  unexplainedMs: number;
  /** `coveredMs` of `totalMs`, not rounded; 100 for a session without length. */
  percent: number;
}

type Interval = readonly [start: number, end: number];

/**
 * Weighs a session against its connections and gaps. A connection that ended counts to `coveredUntil`, or to its end where that is not known; one that has
 * not ended, and a gap that is open, count until now. A gap with `from` at or after `to` is empty. A session that was not seen to begin begins with
 * what is first known of it.
 */
export function completeness(
  session: SessionTimes,
  connections: readonly ConnectionTimes[],
  gaps: readonly GapTimes[],
  now: Date,
): Completeness {
  const covered = connections.map(({ connectedAt, coveredUntil, endedAt }) => ({
    start: connectedAt,
    end: endedAt && (coveredUntil ?? endedAt),
  }));
  const missing = gaps.map(({ from, to }) => ({ start: from, end: to }));
  const window = windowOf(session, [...covered, ...missing], now);
  const coveredMs = lengthOf(union(covered, window));
  const explainedMs = lengthOf(union([...covered, ...missing], window));
  const totalMs = lengthOf([window]);
  return {
    totalMs,
    coveredMs,
    gapMs: explainedMs - coveredMs,
    unexplainedMs: totalMs - explainedMs,
    percent: totalMs === 0 ? 100 : (coveredMs / totalMs) * 100,
  };
}

function windowOf({ startedAt, endedAt }: SessionTimes, spans: readonly Span[], now: Date): Interval {
  const end = (endedAt ?? now).getTime();
  const start = startedAt?.getTime() ?? Math.min(end, ...spans.map((span) => span.start.getTime()));
  return [start, Math.max(start, end)];
}

/** The spans within the window, in order, without overlap. */
function union(spans: readonly Span[], [first, last]: Interval): Interval[] {
  const clipped = spans
    .map(({ start, end }) => [Math.max(start.getTime(), first), Math.min(end?.getTime() ?? last, last)] as const)
    .filter(([start, end]) => start < end)
    .sort(([a], [b]) => a - b);
  const merged: Interval[] = [];
  for (const [start, end] of clipped) {
    const previous = merged.at(-1);
    if (previous && start <= previous[1]) merged[merged.length - 1] = [previous[0], Math.max(previous[1], end)];
    else merged.push([start, end]);
  }
  return merged;
}

const lengthOf = (intervals: readonly Interval[]): number =>
  intervals.reduce((sum, [start, end]) => sum + end - start, 0);
