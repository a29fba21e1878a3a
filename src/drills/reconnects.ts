import type { Ledger, LedgerConnection } from '../simulator/ledger.js';
import { coveredByRoom } from './gap-check.js';
import { lengthOf, within } from './intervals.js';

/** The retry policy of `streamRoom`: the first wait, doubled each time up to the longest, made shorter by up to a quarter. */
const FIRST_WAIT_MS = 100;
const LONGEST_WAIT_MS = 30_000;
const JITTER = 0.75;
/** A connection that lived so long was healthy: the next attempt is the first again. */
const HEALTHY_AFTER_MS = 5_000;
/** The platform sees a connection end somewhat later than its client. */
const SLACK_MS = 100;

/** How long after it fell silent each half-open connection had a successor, in milliseconds. */
export function detectionTimes({ connections }: Ledger, until: number): number[] {
  return connections.flatMap(({ number, roomId, frozenAt }) => {
    if (frozenAt === undefined || frozenAt > until) return [];
    const next = connections.find((one) => one.number > number && one.roomId === roomId && one.authenticatedAt);
    return [(next?.authenticatedAt ?? Infinity) - frozenAt];
  });
}

/** Attempts that came sooner after a failed one than the policy allows, in words. */
export function attemptsTooSoon({ connections }: Ledger, until: number): string[] {
  const rooms = new Map<number, LedgerConnection[]>();
  for (const one of connections) {
    if (one.openedAt <= until) rooms.set(one.roomId, [...(rooms.get(one.roomId) ?? []), one]);
  }
  return [...rooms].flatMap(([roomId, attempts]) => tooSoonIn(roomId, attempts));
}

/** What the policy lets a room do at the most, hand-overs apart: so many attempts within so many milliseconds. */
const MOST_ATTEMPTS = [
  { attempts: 4, withinMs: 500 },
  { attempts: 10, withinMs: 60_000 },
];

/** Attempts of all rooms together, refused ones included, beyond what the policy allows them; in words. */
export function attemptsTooMany({ connections, refusals }: Ledger, rooms: number, until: number): string[] {
  const times = [...connections.map(({ openedAt }) => openedAt), ...refusals].filter((at) => at <= until);
  times.sort((a, b) => a - b);
  return MOST_ATTEMPTS.flatMap(({ attempts, withinMs }) => {
    const most = attempts * rooms;
    const at = times.findIndex((time, place) => time - (times[place - most] ?? -Infinity) < withinMs);
    return at < 0
      ? []
      : [`more than ${most} attempts to connect came within ${withinMs} ms; the policy allows no more`];
  });
}

/** While an endpoint is down: one attempt at once, then after 100, 200, 400, 800 and 1,600 ms, each up to a quarter sooner, and one that was under way. */
const REFUSED = { attempts: 8, withinMs: 3_000 };

/** Attempts that an endpoint refused, beyond what the policy allows to those rooms that had no connection then; in words. */
export function refusedTooOften(ledger: Ledger, until: number): string[] {
  const times = ledger.refusals.filter((at) => at <= until).sort((a, b) => a - b);
  const covered = [...coveredByRoom(ledger).values()];
  for (const [place, at] of times.entries()) {
    const from = at - REFUSED.withinMs;
    const refused = times.slice(0, place + 1).filter((time) => time > from).length;
    const window = [from, at + SLACK_MS] as const;
    const apart = covered.filter((spans) => lengthOf(within(spans, window)) < REFUSED.withinMs + SLACK_MS).length;
    if (refused > REFUSED.attempts * apart)
      return [`${refused} attempts were refused within ${REFUSED.withinMs} ms, when ${apart} rooms had no connection`];
  }
  return [];
}

function tooSoonIn(roomId: number, attempts: readonly LedgerConnection[]): string[] {
  const found: string[] = [];
  let failures = 0;
  let endedAt = -Infinity;
  for (const { openedAt, authenticatedAt, frozenAt, closedAt = Infinity } of attempts) {
    const waitedMs = openedAt - endedAt;
    const dueMs = failures === 0 ? 0 : JITTER * Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** (failures - 1));
    if (waitedMs < dueMs - SLACK_MS) {
      found.push(`room ${roomId}, ${waitedMs} ms after failure ${failures}, ${dueMs} ms are due`);
    }
    // One that fell silent was given up after the read deadline at the earliest, and the platform never heard of it.
    const isHealthy = authenticatedAt !== undefined && (frozenAt ?? closedAt) - authenticatedAt >= HEALTHY_AFTER_MS;
    failures = isHealthy || frozenAt !== undefined ? 0 : failures + 1;
    endedAt = frozenAt ?? closedAt;
  }
  return found;
}
