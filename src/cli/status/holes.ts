import type { GapReason } from '../../model/records.js';
import { roomKey } from '../../model/room.js';
import type { GapDocument } from '../../store/record-reads.js';

/** Time in which nothing was recorded though somebody wanted it. */
export interface Holes {
  /** Of the last day, over all rooms. */
  count: number;
  totalMs: number;
  open: number;
  /** Broadcasts that had begun before anybody wanted them; their beginnings are no holes. */
  lateStarts: number;
  byReason: Record<string, { count: number; totalMs: number }>;
  worstRooms: { room: string; count: number; totalMs: number }[];
}

/** Nobody wanted to record any more: an open end, not a hole. */
const WANTED_NO_MORE: ReadonlySet<GapReason | undefined> = new Set<GapReason>(['cancelled', 'paused', 'offline']);
const WORST_ROOMS = 5;

/** Adds up what lies within the window. */
export function holesOf(gaps: readonly GapDocument[], since: Date, now: Date): Holes {
  const holes: Holes = { count: 0, totalMs: 0, open: 0, lateStarts: 0, byReason: {}, worstRooms: [] };
  const rooms = new Map<string, { room: string; count: number; totalMs: number }>();
  for (const gap of gaps) {
    const { from, to, reason } = gap;
    if (to === undefined && WANTED_NO_MORE.has(reason)) continue;
    const lastedMs = Math.min((to ?? now).getTime(), now.getTime()) - Math.max(from.getTime(), since.getTime());
    if (lastedMs <= 0) continue;
    if (reason === 'late-start') {
      holes.lateStarts += 1;
      continue;
    }
    holes.count += 1;
    holes.totalMs += lastedMs;
    holes.open += to === undefined ? 1 : 0;
    const key = roomKey(gap);
    const room = rooms.get(key) ?? { room: key, count: 0, totalMs: 0 };
    rooms.set(key, room);
    for (const sum of [room, (holes.byReason[reason ?? 'unknown'] ??= { count: 0, totalMs: 0 })]) {
      sum.count += 1;
      sum.totalMs += lastedMs;
    }
  }
  holes.worstRooms = [...rooms.values()].sort((a, b) => b.totalMs - a.totalMs).slice(0, WORST_ROOMS);
  return holes;
}
