import type { DiscoverySettings, SweepPlan } from '../model/discovery.js';
import type { LiveRoom } from '../platforms/platform.js';

/** A room that has an actor. */
export interface RunningRoom {
  roomId: string;
  startedBy: string;
}

export interface SweepFacts {
  settings: DiscoverySettings;
  live: readonly LiveRoom[];
  running: readonly RunningRoom[];
  /** Room ids that ended badly, or by a person's hand, within a day. */
  leaveAlone: ReadonlySet<string>;
  slots: number;
  below: Readonly<Record<string, number>>;
}

/** Popularity class of a rank among `kept`: 1 is placed first when connections are short. */
const priorityOf = (rank: number, kept: number): number => Math.min(5, 1 + Math.floor((rank * 5) / Math.max(1, kept)));

/** Ranks the live rooms and compares them with those that run. Rooms a person started are counted and never touched. */
export function planSweep({ settings, live, running, leaveAlone, slots, below }: SweepFacts): SweepPlan {
  const { platform, allow, deny, minPopularity } = settings;
  const ranked = [...new Map(live.map((room) => [room.roomId, room])).values()]
    .filter(({ roomId, popularity }) => {
      return popularity >= minPopularity && !deny.includes(roomId) && (allow.length === 0 || allow.includes(roomId));
    })
    .sort((a, b) => b.popularity - a.popularity);
  const rankOf = new Map(ranked.map(({ roomId }, rank) => [roomId, rank]));
  const isRunning = new Set(running.map(({ roomId }) => roomId));
  const kept = Math.max(0, Math.min(settings.rooms, slots));

  const nextBelow: Record<string, number> = {};
  const retire: SweepPlan['retire'] = [];
  for (const { roomId, startedBy } of running) {
    const rank = rankOf.get(roomId);
    if (startedBy !== 'discovery' || (rank !== undefined && rank < kept * settings.retireBelow)) continue;
    const sweeps = (below[roomId] ?? 0) + 1;
    if (sweeps >= settings.retireAfterSweeps) retire.push({ room: { platform, roomId }, rank });
    else nextBelow[roomId] = sweeps;
  }

  const free = Math.max(0, kept - (running.length - retire.length));
  const wanted = ranked.slice(0, kept).filter(({ roomId }) => !isRunning.has(roomId));
  const start = wanted
    .filter(({ roomId }) => !leaveAlone.has(roomId))
    .slice(0, free)
    .map(({ roomId, popularity }) => {
      return { room: { platform, roomId }, priority: priorityOf(rankOf.get(roomId) ?? 0, kept), popularity };
    });
  return {
    listed: live.length,
    running: running.length,
    slots,
    start,
    retire,
    below: nextBelow,
    leftAlone: wanted.filter(({ roomId }) => leaveAlone.has(roomId)).map(({ roomId }) => roomId),
  };
}
