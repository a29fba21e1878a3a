/** What the records of the spool look like in MongoDB: the same fields, with dates for times. */
import type { Document } from 'mongodb';
import type { BatchTotals } from '../model/batch.js';
import type { ConnectionRecord } from '../model/connection.js';
import type { SpooledEvent } from '../model/event.js';
import type { AudiencePoint, DeadLetter, GapRecord, SessionRecord, SpoolEntry } from '../model/records.js';

/** One document of a collection to be made or changed by `_id`. Updates are idempotent. */
export interface Upsert {
  id: string;
  update: Document;
  /** Further updates of the document, after the first: each changes it only if it is as `where` has it by then. */
  guarded?: Guarded[];
}

/** The filter holds operators, so nothing in it may come from outside but a time. */
export interface Guarded {
  where: Document;
  update: Document;
}

/** Of a field: it is absent, or at most that. */
export const atMost = (value: Date): Document => ({ $not: { $gt: value } });
/** Of a field: it is absent, or below that. */
export const below = (value: Date): Document => ({ $not: { $gte: value } });

const date = (at: number | undefined): Date | undefined => (at === undefined ? undefined : new Date(at));

/** `seq` is its place in the spool, `storedAt` the time of the write. */
export function eventDocument(event: SpooledEvent, seq: number, storedAt: Date): Document {
  const document: Document = {
    ...event,
    at: new Date(event.at),
    receivedAt: new Date(event.receivedAt),
    storedAt,
    seq,
  };
  const { membership, live } = event;
  if (membership) {
    document['membership'] = { ...membership, startsAt: date(membership.startsAt), endsAt: date(membership.endsAt) };
  }
  if (live) document['live'] = { ...live, startedAt: date(live.startedAt) };
  return document;
}

export const deadLetterDocument = (letter: DeadLetter): Document => ({
  ...letter,
  receivedAt: new Date(letter.receivedAt),
});

export const audienceDocument = (point: AudiencePoint): Document => ({ ...point, at: new Date(point.at) });

/** The update of an audience point that is there already: of each number the last value counts. */
export function audienceUpsert({ _id, platform, roomId, at, values }: AudiencePoint): Upsert {
  const set = Object.fromEntries(Object.entries(values).map(([name, value]) => [`values.${name}`, value]));
  return { id: _id, update: upsertOf(set, { platform, roomId, at: new Date(at) }) };
}

/** Sets what is given, never unsets what is not: the record of a connection arrives in pieces. */
export function connectionUpsert({ _id, connectedAt, coveredUntil, endedAt, ...rest }: ConnectionRecord): Upsert {
  const times = { connectedAt: new Date(connectedAt), coveredUntil: date(coveredUntil), endedAt: date(endedAt) };
  return { id: _id, update: upsertOf({ ...rest, ...times }) };
}

/**
 * Workers write of one session in no order, so times decide: it has its latest end, with what belongs to that, unless it was opened after it was closed.
 */
export function sessionUpsert({ _id, startedAt, openedAt, ...record }: SessionRecord): Upsert {
  const { endedAt, closedAt = endedAt, end, totals, connections, ...rest } = record;
  const [opened, closed] = [date(openedAt), date(closedAt)];
  const guarded: Guarded[] = [];
  if (opened !== undefined) {
    const over = { closedAt: '', endedAt: '', end: '', totals: '', connections: '' };
    guarded.push({ where: { closedAt: below(opened) }, update: { $unset: over } });
  }
  if (closed !== undefined) {
    const over = withoutUndefined({ closedAt: closed, endedAt: date(endedAt), end, totals, connections });
    guarded.push({ where: { openedAt: atMost(closed), closedAt: atMost(closed) }, update: { $set: over } });
  }
  const update = {
    ...upsertOf({ ...rest, startedAt: date(startedAt) }),
    ...(opened && { $max: { openedAt: opened } }),
  };
  return { id: _id, update, guarded };
}

/**
 * `from` only grows and `to` only shrinks, so that the reports of one gap make the same document in any order; the connection after it is the one that
 * goes with `to`. One with `from` at or after `to` is empty.
 */
export function gapUpsert({ _id, from, to, ...rest }: GapRecord): Upsert {
  const max = { $max: { from: new Date(from) } };
  if (to === undefined) return { id: _id, update: { ...upsertOf(rest), ...max } };
  const { nextConnectionId, ...known } = rest;
  const until = new Date(to);
  const next = { where: { to: until }, update: { $set: { nextConnectionId } } };
  const guarded = nextConnectionId === undefined ? [] : [next];
  return { id: _id, update: { ...upsertOf(known), ...max, $min: { to: until } }, guarded };
}

/** All of a batch but its rooms, of which there may be thousands: whoever adds up a day should not have to read them. */
export function batchUpsert({ _id, startedAt, endedAt, rooms: _rooms, ...rest }: BatchTotals): Upsert {
  return { id: _id, update: upsertOf({ ...rest, startedAt: new Date(startedAt), endedAt: date(endedAt) }) };
}

export function batchRoomsUpsert({ _id, workerId, startedAt, rooms }: BatchTotals): Upsert {
  return { id: _id, update: upsertOf({ workerId, startedAt: new Date(startedAt), rooms }) };
}

/** An operator without fields is refused by older servers, so it is left out. */
function upsertOf(set: Document, onInsert: Document = {}): Document {
  const given = withoutUndefined(set);
  return {
    ...(Object.keys(given).length > 0 && { $set: given }),
    ...(Object.keys(onInsert).length > 0 && { $setOnInsert: onInsert }),
  };
}

const withoutUndefined = (fields: Document): Document =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));

const REASON_MAX = 300;
const KEPT_BYTES = 6_144; // 8192 characters of base64
const ID_MAX = 200;

/** What is kept of an entry that MongoDB will never take. The same entry makes the same `_id`, so that a repeated write keeps it once. */
export function deadLetterOf(entry: SpoolEntry, reason: string, now: number): DeadLetter {
  const record = recordOf(entry);
  const bytes = Buffer.from(JSON.stringify(record) ?? '');
  return {
    _id: `refused:${entry.type}:${textOf(record._id).slice(0, ID_MAX)}`,
    platform: textOf('platform' in record ? record.platform : '').slice(0, 64),
    roomId: textOf('roomId' in record ? record.roomId : '').slice(0, 64),
    connectionId: textOf('connectionId' in record ? record.connectionId : '').slice(0, 80),
    receivedAt: receivedAtOf(entry, now),
    reason: `MongoDB does not take this ${entry.type}: ${reason}`.slice(0, REASON_MAX).toWellFormed(),
    bytes: bytes.length,
    base64: bytes.subarray(0, KEPT_BYTES).toString('base64'),
  };
}

function recordOf(entry: SpoolEntry) {
  switch (entry.type) {
    case 'event':
      return entry.event;
    case 'connection':
      return entry.connection;
    case 'gap':
      return entry.gap;
    case 'session':
      return entry.session;
    case 'room':
      return entry.room;
    case 'deadLetter':
      return entry.deadLetter;
    case 'audience':
      return entry.audience;
  }
}

/** A refused record may hold anything, whatever its type says. */
const textOf = (value: unknown): string =>
  (typeof value === 'string' ? value : String(JSON.stringify(value))).toWellFormed();

function receivedAtOf(entry: SpoolEntry, now: number): number {
  const at = entry.type === 'event' ? entry.event.receivedAt : now;
  return Number.isSafeInteger(at) && at >= 0 ? at : now;
}
