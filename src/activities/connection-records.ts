import type { ConnectionRecord } from '../model/connection.js';
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

/** The hole before a connection: since the one before it, or since the broadcast began. */
function gapBefore(record: ConnectionRecord, request: StreamRequest, { previous }: KnownConnections): GapRecord {
  const { platform, roomId, _id, connectedAt } = record;
  const common = { platform, roomId, to: connectedAt, nextConnectionId: _id };
  const { session } = request;
  if (previous?.sessionId === session.id) {
    return {
      ...common,
      _id: `after:${previous.connectionId}`,
      sessionId: session.id,
      from: Math.min(previous.coveredUntil, connectedAt),
      previousConnectionId: previous.connectionId,
    };
  }
  const from = Math.min(session.startedAt, connectedAt);
  return { ...common, _id: `start:${session.id}`, sessionId: session.id, from, reason: 'late-start' };
}

/** The hole before a connection whose worker may have died too soon to write it down; written twice it is the same. */
function gapBeforeBegun(
  { platform, roomId, session }: StreamRequest,
  { connectionId, connectedAt, previous }: BegunConnection,
): GapRecord[] {
  if (previous.sessionId !== session.id) return [];
  return [
    {
      _id: `after:${previous.connectionId}`,
      ...{ platform, roomId, sessionId: session.id, to: connectedAt, nextConnectionId: connectionId },
      from: Math.min(previous.coveredUntil, connectedAt),
      previousConnectionId: previous.connectionId,
    },
  ];
}

/** What is written down when a connection begins: itself, its broadcast, its room, and the hole before it. */
export function openingEntries(
  record: ConnectionRecord,
  request: StreamRequest,
  known: KnownConnections,
): SpoolEntry[] {
  const { platform, roomId } = record;
  const { id, ...session } = request.session;
  const gap = gapBefore(record, request, known);
  const earlier = known.begun === undefined ? [] : gapBeforeBegun(request, known.begun);
  const gaps = [...earlier.filter(({ _id }) => _id !== gap._id), gap];
  return [
    { type: 'session', session: { _id: id, platform, roomId, ...session, endedAt: null } },
    { type: 'connection', connection: { ...record } },
    ...gaps.map((gap) => ({ type: 'gap' as const, gap })),
    { type: 'room', room: { _id: roomKey(record), platform, roomId, state: 'streaming', seenAt: record.connectedAt } },
  ];
}

/** What is written down when a connection has ended. */
export function closingEntries(
  record: ConnectionRecord,
  request: StreamRequest | undefined,
  title: string | undefined,
): SpoolEntry[] {
  const {
    _id,
    platform,
    roomId,
    sessionId,
    connectedAt,
    coveredUntil = connectedAt,
    endedAt = coveredUntil,
    end = 'lost',
  } = record;
  const lastConnection = { connectionId: _id, ...(sessionId !== undefined && { sessionId }), coveredUntil };
  const entries: SpoolEntry[] = [
    { type: 'connection', connection: { ...record } },
    {
      type: 'room',
      room: {
        _id: roomKey(record),
        platform,
        roomId,
        state: end,
        lastConnection,
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
