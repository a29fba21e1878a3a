import { z } from 'zod';
import type { Completeness } from '../../model/completeness.js';
import { BarrageError } from '../../model/errors.js';
import type { MongoStore } from '../../store/open-store.js';
import type { RoomOverview, SessionDocument } from '../../store/record-reads.js';
import type { RoomActorState } from '../../model/room-state.js';
import type { CommandContext, Work } from '../context.js';
import { numberOption } from '../number-option.js';
import { sessionCompleteness } from '../session-completeness.js';
import { actorState, canonicalRoom, notCollected } from './actor.js';
import { type NamedRoom, namedRoom } from './room-argument.js';
import { roomText } from './room-text.js';

export const ShowOptions = z.object({ limit: numberOption(1, 1_000) });
export type ShowOptions = z.output<typeof ShowOptions>;

/** A session with how much of it is recorded. */
export type WeighedSession = SessionDocument & { completeness: Completeness };

export interface ShownRoom {
  room: string;
  workflowId: string;
  /** Absent where there is none, or Temporal or its worker does not answer. */
  actor?: RoomActorState;
  record?: Omit<RoomOverview, 'sessions'>;
  sessions: WeighedSession[];
  /** What could not be asked, in words. */
  notes: string[];
}

/** So many connections and gaps of a room are weighed, whatever is shown. */
const WEIGHED = 10_000;

/** Shows what Temporal and MongoDB know of a room; one that does not answer costs its own part only. */
export const showRoom: Work<ShowOptions> = async (context, { limit }, [text]) => {
  const room = await canonicalOf(context, namedRoom(text));
  const [actor, overview] = await Promise.allSettled([actorOf(context, room), overviewOf(await context.store(), room)]);
  if (actor.status === 'rejected' && overview.status === 'rejected') throw actor.reason;
  const record = overview.status === 'fulfilled' ? overview.value : undefined;
  const state = actor.status === 'fulfilled' ? actor.value : undefined;
  const isKnown = record?.room !== undefined || (record?.sessions.length ?? 0) > 0;
  if (state === undefined && !isKnown && actor.status === overview.status) throw notCollected(room);
  const shown = shownRoom(room, state, record, limit);
  shown.notes.push(...[actor, overview].flatMap((one) => (one.status === 'rejected' ? [wordsOf(one.reason)] : [])));
  context.out.result(shown, () => roomText(shown, context.out, Date.now()));
};

/** Without Temporal nobody knows which room a short id stands for; then what MongoDB knows of the id as it is. */
const canonicalOf = async (context: CommandContext, room: NamedRoom): Promise<NamedRoom> => {
  try {
    return await canonicalRoom(await context.temporal(), room);
  } catch (error) {
    if (error instanceof BarrageError) return room;
    throw error;
  }
};

const actorOf = async (context: CommandContext, room: NamedRoom): Promise<RoomActorState | undefined> =>
  actorState(await context.temporal(), room);

const overviewOf = (store: MongoStore, { key }: NamedRoom): Promise<RoomOverview> =>
  store.records.roomOverview(key, WEIGHED);

const wordsOf = (reason: unknown): string => {
  if (reason instanceof BarrageError) return reason.message;
  throw reason;
};

function shownRoom(
  { key, workflowId }: NamedRoom,
  actor: RoomActorState | undefined,
  overview: RoomOverview | undefined,
  limit: number,
): ShownRoom {
  const shown = { room: key, workflowId, ...(actor && { actor }), notes: [] };
  if (overview === undefined) return { ...shown, sessions: [] };
  const { sessions, connections, gaps, ...rest } = overview;
  const now = new Date();
  const weighed = (session: SessionDocument): WeighedSession => ({
    ...session,
    completeness: sessionCompleteness(session, overview, now),
  });
  return {
    ...shown,
    sessions: sessions.slice(0, limit).map(weighed),
    record: { ...rest, connections: connections.slice(0, limit), gaps: gaps.slice(0, limit) },
  };
}
