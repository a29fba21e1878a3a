import type { Ledger } from '../simulator/ledger.js';
import { type Interval, lengthOf, union, within, without } from './intervals.js';

/** How long before a recorded gap a message may have been sent and still not have arrived, in milliseconds. */
const TRANSIT_MS = 1_000;
/**
 * By how much a gap may be longer than the platform was without a connection, in milliseconds: a room may have been quiet before its worker was killed,
 * and its gap begins with the last thing that is surely on the disk.
 */
const LONGER_BY_MS = 5_000;

export interface RecordedHole {
  _id: string;
  roomId: string;
  from: Date;
  to?: Date | undefined;
  previousConnectionId?: string | undefined;
  nextConnectionId?: string | undefined;
}

/** When the first and the last accepted event of a connection came, in milliseconds since the epoch. */
export type AcceptedSpans = ReadonlyMap<string, { first: number; last: number }>;

export interface GapFigures {
  /** Time without any connection of the room, as the platform saw it; all rooms together, in ms. */
  trueMs: number;
  recordedMs: number;
  /** Of the true time, what no record explains. */
  unrecordedMs: number;
  /**
   * Of the recorded time, what events were accepted in from the very connection that is said to be missing, and all of a gap that is much longer than
   * the platform was without a connection.
   */
  falseMs: number;
  /** By how much the worst gap is longer than that, in ms. */
  longerByMs: number;
  /** In words, the worst first. */
  examples: string[];
}

/**
 * Holds the recorded gaps of every room against the time in which the platform had a connection to send to. `until`: when the load was stopped; `offline`:
 * when a room was not live, so that nothing has to be recorded, though it may have been connected.
 */
export function checkGaps(
  ledger: Ledger,
  holes: readonly RecordedHole[],
  accepted: AcceptedSpans,
  until: number,
  offline: readonly RecordedHole[] = [],
): GapFigures {
  const figures: GapFigures = { trueMs: 0, recordedMs: 0, unrecordedMs: 0, falseMs: 0, longerByMs: 0, examples: [] };
  const byRoom = spansByRoom(holes);
  const offlineByRoom = spansByRoom(offline);
  const coveredRooms = coveredByRoom(ledger);
  for (const [roomId, covered] of coveredRooms) {
    const since = Math.min(...covered.map(([start]) => start));
    const window: Interval = [since, Math.max(since, until)];
    const recorded = byRoom.get(String(roomId)) ?? [];
    const missing = without([window], covered);
    const explained = [...recorded, ...(offlineByRoom.get(String(roomId)) ?? [])];
    const unrecorded = without(
      missing,
      explained.map(([from, to]) => [from - TRANSIT_MS, to] as const),
    );
    figures.trueMs += lengthOf(missing);
    figures.recordedMs += lengthOf(within(recorded, window));
    figures.unrecordedMs += lengthOf(unrecorded);
    for (const [from, to] of unrecorded)
      figures.examples.push(`room ${roomId}: no gap tells of ${at(from)} to ${at(to)}`);
  }
  for (const hole of holes) {
    const falseMs = falseMsOf(hole, accepted);
    if (falseMs > 0)
      figures.examples.push(`room ${hole.roomId}: events came for ${falseMs} ms within the gap ${hole._id}`);
    const longerByMs = lengthOf(within(coveredRooms.get(Number(hole.roomId)) ?? [], withinLoad(hole, until)));
    const isTooLong = longerByMs > LONGER_BY_MS;
    if (isTooLong) figures.examples.push(`room ${hole.roomId} was connected for ${longerByMs} ms of ${inWords(hole)}`);
    figures.falseMs += falseMs + (isTooLong ? longerByMs : 0);
    figures.longerByMs = Math.max(figures.longerByMs, longerByMs);
  }
  return figures;
}

/** One that was left open goes on until the load ends; one that ends before it begins is as wrong as the time between. */
function withinLoad(hole: RecordedHole, until: number): Interval {
  const [from, to] = spanOf(hole);
  return to < from ? [to, from] : [from, Math.min(to, until)];
}

/** By room: when the platform had somebody to send to. */
export function coveredByRoom({ connections }: Ledger): Map<number, Interval[]> {
  const rooms = new Map<number, Interval[]>();
  for (const { roomId, authenticatedAt, frozenAt = Infinity, closedAt = Infinity } of connections) {
    if (authenticatedAt === undefined) continue;
    const spans = rooms.get(roomId) ?? [];
    spans.push([authenticatedAt, Math.min(frozenAt, closedAt)]);
    rooms.set(roomId, spans);
  }
  for (const [roomId, spans] of rooms) rooms.set(roomId, union(spans));
  return rooms;
}

function spansByRoom(holes: readonly RecordedHole[]): Map<string, Interval[]> {
  const rooms = new Map<string, Interval[]>();
  for (const hole of holes) rooms.set(hole.roomId, [...(rooms.get(hole.roomId) ?? []), spanOf(hole)]);
  return rooms;
}

const spanOf = ({ from, to }: RecordedHole): Interval => [from.getTime(), to?.getTime() ?? Infinity];

function falseMsOf(hole: RecordedHole, accepted: AcceptedSpans): number {
  const [from, to] = spanOf(hole);
  if (from >= to) return 0;
  const last = accepted.get(hole.previousConnectionId ?? '')?.last;
  const first = accepted.get(hole.nextConnectionId ?? '')?.first;
  const after = last === undefined ? 0 : Math.min(last, to) - from;
  const before = first === undefined ? 0 : to - Math.max(first, from);
  return Math.max(0, after) + Math.max(0, before);
}

const inWords = (hole: RecordedHole): string => {
  const [from, to] = spanOf(hole);
  return `the gap ${hole._id}, ${at(from)} to ${at(to)}, before ${hole.nextConnectionId ?? 'nothing'}`;
};

const at = (ms: number): string => (Number.isFinite(ms) ? new Date(ms).toISOString().slice(11, 23) : 'the end');
