import type { Document } from 'mongodb';
import { atMost, below, type Guarded, type Upsert } from './documents.js';
import type { RoomRecord } from '../model/records.js';

/** The field of the document that has the time of a piece. */
type TimeField = 'factsAt' | 'titleAt' | 'stateAt';

interface Piece {
  /** Milliseconds since the epoch. */
  at: number;
  values: Document;
}

/**
 * What is told of a room. Workers tell of one room in no order, some after days, so what is not told together has times of its own, and the latest
 * counts: a look at the platform gives the facts and the title, a connection the state, and its end both the title and where its record ends.
 */
export interface RoomPieces extends Pick<RoomRecord, '_id' | 'platform' | 'roomId' | 'seenAt' | 'lastConnection'> {
  pieces: ReadonlyMap<TimeField, Piece>;
}

/** The pieces of one record. */
export function roomPieces(record: RoomRecord): RoomPieces {
  const { _id, platform, roomId, seenAt, lastConnection, state, title, ...facts } = record;
  const pieces = new Map<TimeField, Piece>();
  if (Object.keys(facts).length > 0) pieces.set('factsAt', { at: seenAt, values: facts });
  if (title !== undefined) pieces.set('titleAt', { at: seenAt, values: { title } });
  if (state !== undefined) pieces.set('stateAt', { at: seenAt, values: { state } });
  return { _id, platform, roomId, seenAt, pieces, ...(lastConnection && { lastConnection }) };
}

/** What `roomUpsert` makes of one after the other, in one. */
export function joinRooms(a: RoomPieces, b: RoomPieces): RoomPieces {
  const pieces = new Map(a.pieces);
  for (const [field, piece] of b.pieces) {
    const before = a.pieces.get(field);
    if (before && before.at > piece.at) continue;
    pieces.set(field, { at: piece.at, values: { ...before?.values, ...piece.values } });
  }
  const hasLater = (b.lastConnection?.coveredUntil ?? -Infinity) > (a.lastConnection?.coveredUntil ?? -Infinity);
  const { lastConnection } = hasLater ? b : a;
  return { ...b, seenAt: Math.max(a.seenAt, b.seenAt), pieces, ...(lastConnection && { lastConnection }) };
}

/** The update of a room; the times of the pieces are kept in the document. */
export function roomUpsert({ _id, platform, roomId, seenAt, pieces, lastConnection }: RoomPieces): Upsert {
  const guarded = [...pieces].map(([field, { at, values }]): Guarded => {
    const time = new Date(at);
    return { where: { [field]: atMost(time) }, update: { $set: { ...values, [field]: time } } };
  });
  if (lastConnection) {
    const coveredUntil = new Date(lastConnection.coveredUntil);
    const update = { $set: { lastConnection: { ...lastConnection, coveredUntil } } };
    guarded.push({ where: { 'lastConnection.coveredUntil': below(coveredUntil) }, update });
  }
  return { id: _id, update: { $set: { platform, roomId }, $max: { seenAt: new Date(seenAt) } }, guarded };
}
