import type { Document } from 'mongodb';
import { COLLECTIONS, dayOf } from './collections.js';
import {
  audienceDocument,
  connectionUpsert,
  deadLetterDocument,
  eventDocument,
  gapUpsert,
  sessionUpsert,
  type Upsert,
} from './documents.js';
import { joinRooms, roomPieces, roomUpsert, type RoomPieces } from './room-pieces.js';
import type { AudiencePoint, GapRecord, SessionRecord, SpoolEntry, SpoolRange } from '../model/records.js';

/** One document on its way, with the entry that is kept if MongoDB refuses it. */
export interface Insertion {
  document: Document;
  entry: SpoolEntry;
}
export interface Change extends Upsert {
  entry: SpoolEntry;
}

/** What a range comes to: at most one document for each `_id` of a collection, events apart. */
export interface RangePlan {
  events: number;
  /** Of the events, those that come again within the range, or are stored already. They are not sent. */
  repeated: number;
  /** By daily collection, in the order of the spool. */
  eventsByCollection: Map<string, Insertion[]>;
  audienceByCollection: Map<string, { point: AudiencePoint; entry: SpoolEntry }[]>;
  deadLetters: Insertion[];
  changes: Map<string, Change[]>;
  /** Entries that name no document or no day. They are never sent: a filter without an `_id` would match any document. */
  impossible: { entry: SpoolEntry; reason: string }[];
}

type EntryOf<Type extends SpoolEntry['type']> = Extract<SpoolEntry, { type: Type }>;

/**
 * Sorts a range by where it goes. Several pieces of one record become one, in their order. An event comes once: platforms send copies, and to a server
 * that takes a batch as a whole or one by one (FerretDB) a single duplicate costs as much as all the others.
 * @param isStored whether an event with that `_id` is known to be in that collection
 */
export function planRange(
  range: SpoolRange,
  now: number,
  isStored: (collection: string, id: string) => boolean = () => false,
): RangePlan {
  const plan: RangePlan = {
    events: 0,
    repeated: 0,
    eventsByCollection: new Map(),
    audienceByCollection: new Map(),
    deadLetters: [],
    changes: new Map(),
    impossible: [],
  };
  const records = new Records();
  const storedAt = new Date(now);
  const planned = new Map<string, Set<string>>();
  const isRepeated = (collection: string, id: string): boolean => {
    const ids = planned.get(collection);
    if (ids?.has(id) === true || isStored(collection, id)) return true;
    if (ids === undefined) planned.set(collection, new Set([id]));
    else ids.add(id);
    return false;
  };
  range.entries.forEach((entry, i) => {
    if (entry.type === 'event') addEvent(plan, entry, { seq: range.from + i, storedAt, isRepeated });
    else if (entry.type === 'deadLetter') {
      plan.deadLetters.push({ document: deadLetterDocument(entry.deadLetter), entry });
    } else records.add(entry, plan);
  });
  records.addTo(plan);
  return plan;
}

function addEvent(
  plan: RangePlan,
  entry: EntryOf<'event'>,
  {
    seq,
    storedAt,
    isRepeated,
  }: { seq: number; storedAt: Date; isRepeated: (collection: string, id: string) => boolean },
): void {
  const { event } = entry;
  plan.events += 1;
  const day = dayOf(event.at);
  if (!isId(event._id)) plan.impossible.push({ entry, reason: 'its _id is no text' });
  else if (day === undefined) plan.impossible.push({ entry, reason: `it happened at ${String(event.at)}` });
  else if (isRepeated(`events_${day}`, event._id)) plan.repeated += 1;
  else push(plan.eventsByCollection, `events_${day}`, { document: eventDocument(event, seq, storedAt), entry });
}

/** The pieces of each record, put together as they come. */
class Records {
  readonly #connections = new Map<string, EntryOf<'connection'>>();
  readonly #sessions = new Map<string, EntryOf<'session'>>();
  readonly #rooms = new Map<string, { entry: EntryOf<'room'>; pieces: RoomPieces }>();
  readonly #gaps = new Map<string, EntryOf<'gap'>>();
  readonly #audience = new Map<string, EntryOf<'audience'>>();

  add(entry: Exclude<SpoolEntry, { type: 'event' | 'deadLetter' }>, plan: RangePlan): void {
    const impossible = (reason: string): void => void plan.impossible.push({ entry, reason });
    switch (entry.type) {
      case 'connection':
        if (!isId(entry.connection._id)) return impossible('its _id is no text');
        return merge(this.#connections, entry.connection._id, entry, (a, b) => ({
          type: 'connection' as const,
          connection: { ...a.connection, ...b.connection },
        }));
      case 'session':
        if (!isId(entry.session._id)) return impossible('its _id is no text');
        return merge(this.#sessions, entry.session._id, entry, (a, b) => ({
          type: 'session' as const,
          session: mergeSessions(a.session, b.session),
        }));
      case 'room':
        if (!isId(entry.room._id)) return impossible('its _id is no text');
        return merge(this.#rooms, entry.room._id, { entry, pieces: roomPieces(entry.room) }, (a, b) => ({
          entry: b.entry,
          pieces: joinRooms(a.pieces, b.pieces),
        }));
      case 'gap':
        if (!isId(entry.gap._id)) return impossible('its _id is no text');
        return merge(this.#gaps, entry.gap._id, entry, (a, b) => ({
          type: 'gap' as const,
          gap: mergeGaps(a.gap, b.gap),
        }));
      case 'audience':
        if (!isId(entry.audience._id)) return impossible('its _id is no text');
        if (dayOf(entry.audience.at) === undefined) return impossible(`it is of ${String(entry.audience.at)}`);
        return merge(this.#audience, entry.audience._id, entry, (a, b) => ({
          type: 'audience' as const,
          audience: { ...b.audience, values: { ...a.audience.values, ...b.audience.values } },
        }));
    }
  }

  addTo({ changes, audienceByCollection }: RangePlan): void {
    const change = (collection: string, entry: SpoolEntry, upsert: Upsert): void =>
      push(changes, collection, { ...upsert, entry });
    for (const { entry, pieces } of this.#rooms.values()) change(COLLECTIONS.rooms, entry, roomUpsert(pieces));
    for (const entry of this.#sessions.values()) change(COLLECTIONS.sessions, entry, sessionUpsert(entry.session));
    for (const entry of this.#connections.values()) {
      change(COLLECTIONS.connections, entry, connectionUpsert(entry.connection));
    }
    for (const entry of this.#gaps.values()) change(COLLECTIONS.gaps, entry, gapUpsert(entry.gap));
    for (const entry of this.#audience.values()) {
      push(audienceByCollection, `audience_${dayOf(entry.audience.at)}`, { point: entry.audience, entry });
    }
  }
}

/** What `sessionUpsert` makes of one after the other, in one. */
function mergeSessions(a: SessionRecord, b: SessionRecord): SessionRecord {
  const openedAt = Math.max(a.openedAt ?? 0, b.openedAt ?? 0);
  const merged = closedAtOf(b) >= closedAtOf(a) ? { ...withoutEnd(a), ...b } : { ...a, ...withoutEnd(b) };
  return { ...merged, ...(openedAt > 0 && { openedAt }) };
}

const closedAtOf = ({ closedAt, endedAt }: SessionRecord): number => closedAt ?? endedAt ?? -Infinity;

const withoutEnd = ({ closedAt, endedAt, end, totals, connections, ...rest }: SessionRecord): SessionRecord => rest;

/** What `gapUpsert` makes of one after the other, in one. */
function mergeGaps(a: GapRecord, b: GapRecord): GapRecord {
  const { to = Infinity, nextConnectionId, ...rest } = b;
  return { ...a, ...(to > (a.to ?? Infinity) ? rest : b), from: Math.max(a.from, b.from) };
}

function merge<T>(into: Map<string, T>, id: string, entry: T, join: (before: T, after: T) => T): void {
  const before = into.get(id);
  into.set(id, before === undefined ? entry : join(before, entry));
}

function push<T>(into: Map<string, T[]>, key: string, item: T): void {
  const list = into.get(key);
  if (list) list.push(item);
  else into.set(key, [item]);
}

/** The type says so already, but what came out of a file may say otherwise. */
const isId = (id: unknown): boolean => typeof id === 'string' && id !== '';

/** A new point of the audience series, as a document. */
export const audienceInsertion = ({ point, entry }: { point: AudiencePoint; entry: SpoolEntry }): Insertion => ({
  document: audienceDocument(point),
  entry,
});
