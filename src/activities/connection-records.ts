import type { ConnectionRecord, PreviousConnection } from '../model/connection.js';
import type { GapReason, GapRecord, SpoolEntry } from '../model/records.js';
import { roomKey } from '../model/room.js';
import type { StreamRequest } from '../model/stream.js';
import type { StreamProgress } from '../spool/spool.js';
import type { BegunConnection, KnownConnections } from './known-connections.js';

/** The hole after a connection, as the side that held it knows it. */
function gapAfter(record: ConnectionRecord, reason: GapReason): GapRecord {
  const { _id, platform, roomId, sessionId, connectedAt, coveredUntil } = record;
  return {
    _id: `after:${_id}`,
    platform,
    roomId,
    ...(sessionId !== undefined && { sessionId }),
    from: coveredUntil ?? connectedAt,
    reason,
    previousConnectionId: _id,
  };
}

/** The hole between two connections of one broadcast; whoever tells of it, it is the same. */
const gapBetween = (
  { platform, roomId, session }: StreamRequest,
  previous: PreviousConnection,
  next: Pick<BegunConnection, 'connectionId' | 'connectedAt'>,
): GapRecord => ({
  _id: `after:${previous.connectionId}`,
  platform,
  roomId,
  sessionId: session.id,
  from: Math.min(previous.coveredUntil, next.connectedAt),
  to: next.connectedAt,
  previousConnectionId: previous.connectionId,
  nextConnectionId: next.connectionId,
});

/** The hole before a connection: since the one before it, or since the broadcast began. */
function gapBefore(record: ConnectionRecord, request: StreamRequest, { previous }: KnownConnections): GapRecord {
  const { platform, roomId, _id: connectionId, connectedAt } = record;
  const { session } = request;
  if (previous?.sessionId === session.id) return gapBetween(request, previous, { connectionId, connectedAt });
  return {
    _id: `start:${session.id}`,
    platform,
    roomId,
    sessionId: session.id,
    reason: 'late-start',
    from: Math.min(session.startedAt, connectedAt),
    to: connectedAt,
    nextConnectionId: connectionId,
  };
}

/** The holes before a connection: also the one before the last, whose worker may have died too soon to write it down. */
function gapsBefore(record: ConnectionRecord, request: StreamRequest, known: KnownConnections): GapRecord[] {
  const gap = gapBefore(record, request, known);
  const { begun } = known;
  if (begun?.previous.sessionId !== request.session.id) return [gap];
  const earlier = gapBetween(request, begun.previous, begun);
  return earlier._id === gap._id ? [gap] : [earlier, gap];
}

/** Where the record of a connection ends. */
export const lastConnectionOf = ({
  _id: connectionId,
  sessionId,
  connectedAt,
  coveredUntil = connectedAt,
}: ConnectionRecord): PreviousConnection => ({
  connectionId,
  ...(sessionId !== undefined && { sessionId }),
  coveredUntil,
});

/** What is written down when a connection begins: itself, its broadcast, its room, and the hole before it. */
export function openingEntries(
  record: ConnectionRecord,
  request: StreamRequest,
  known: KnownConnections,
): SpoolEntry[] {
  const { platform, roomId } = record;
  const { id, ...session } = request.session;
  return [
    { type: 'session', session: { _id: id, platform, roomId, ...session, openedAt: record.connectedAt } },
    { type: 'connection', connection: { ...record } },
    ...gapsBefore(record, request, known).map((gap): SpoolEntry => ({ type: 'gap', gap })),
    { type: 'room', room: { _id: roomKey(record), platform, roomId, state: 'streaming', seenAt: record.connectedAt } },
  ];
}

/** What is written down when a connection has ended. */
export function closingEntries(
  record: ConnectionRecord,
  request: StreamRequest | undefined,
  title: string | undefined,
): SpoolEntry[] {
  const { platform, roomId, connectedAt, coveredUntil = connectedAt, endedAt = coveredUntil, end = 'lost' } = record;
  const entries: SpoolEntry[] = [
    { type: 'connection', connection: { ...record } },
    {
      type: 'room',
      room: {
        _id: roomKey(record),
        platform,
        roomId,
        state: end,
        lastConnection: lastConnectionOf(record),
        seenAt: endedAt,
        ...(title !== undefined && { title }),
      },
    },
  ];
  if (request !== undefined && title !== undefined && title !== request.session.title) {
    entries.push({ type: 'session', session: { _id: request.session.id, platform, roomId, title } });
  }
  if (end !== 'offline') entries.push({ type: 'gap', gap: gapAfter(record, end) });
  return entries;
}

/** What a crashed process did not get to write of one of its connections. */
export function recoveredEntries({ connection, audience }: StreamProgress): SpoolEntry[] {
  const endedAt = connection.coveredUntil ?? connection.connectedAt;
  const entries = closingEntries(
    { ...connection, endedAt, end: 'worker-crashed', endDetail: 'the worker was gone without a word' },
    undefined,
    undefined,
  );
  if (audience !== undefined) entries.unshift({ type: 'audience', audience });
  return entries;
}
