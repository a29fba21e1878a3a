import type { Filter } from 'mongodb';
import { z } from 'zod';
import { parseLimit, parseRoomKey, parseStored, type Asking } from './asking.js';
import { COLLECTIONS } from './collections.js';
import { BatchTotals } from '../model/batch.js';
import { ConnectionRecord } from '../model/connection.js';
import { GapRecord, RoomRecord, SessionRecord } from '../model/records.js';

// What is stored: the records with dates for times. Fields that a newer barrage added are left out instead of refused.
const date = z.date();
export const RoomDocument = z.object({
  ...RoomRecord.shape,
  seenAt: date,
  lastConnection: z
    .object({ connectionId: z.string(), sessionId: z.string().optional(), coveredUntil: date })
    .optional(),
});
export const SessionDocument = z.object({
  ...SessionRecord.shape,
  startedAt: date.optional(),
  openedAt: date.optional(),
  closedAt: date.optional(),
  endedAt: date.optional(),
});
export const ConnectionDocument = z.object({
  ...ConnectionRecord.shape,
  connectedAt: date,
  coveredUntil: date.optional(),
  endedAt: date.optional(),
});
export const GapDocument = z.object({ ...GapRecord.shape, from: date, to: date.optional() });
const { rooms: _rooms, ...batchShape } = BatchTotals.shape;
export const BatchDocument = z.object({ ...batchShape, startedAt: date, endedAt: date.optional() });
/** What is added up; of thousands, so no more than that is looked at. */
const BatchSums = z.looseObject({
  startedAt: date,
  events: batchShape.events,
  inserted: batchShape.inserted,
  duplicates: batchShape.duplicates,
});
export type RoomDocument = z.output<typeof RoomDocument>;
export type SessionDocument = z.output<typeof SessionDocument>;
export type ConnectionDocument = z.output<typeof ConnectionDocument>;
export type GapDocument = z.output<typeof GapDocument>;
export type BatchDocument = z.output<typeof BatchDocument>;

/** A room as far as it is recorded, the latest first. `truncated` names what has more than was asked for. */
export interface RoomOverview {
  room?: RoomDocument;
  sessions: SessionDocument[];
  connections: ConnectionDocument[];
  gaps: GapDocument[];
  truncated: ('sessions' | 'connections' | 'gaps')[];
}

export interface HourTotals {
  /** Its first millisecond. */
  hour: Date;
  batches: number;
  events: number;
  inserted: number;
  duplicates: number;
}

const MAX_LIMIT = 10_000;
/** A month of one batch a minute. */
const MAX_BATCHES = 50_000;
const HOUR_MS = 3_600_000;
/** A server's first reply has 101 documents unless it is told otherwise; that many records of ours are a few megabytes, far from the 16 that a reply may have. */
const RECORDS_A_REPLY = 5_000;

type Query = Filter<{ _id: string }>;

interface Question<T> {
  collection: string;
  schema: z.ZodType<T>;
  filter: Query;
  sort: Record<string, 1 | -1>;
  limit: number;
  signal: AbortSignal | undefined;
}

/** Reads of everything but events. All are bounded in time and number, and ask for what there is an index of; a FerretDB that was not built here reads whole collections. */
export class RecordReads {
  constructor(readonly asking: Asking) {}

  /** A room with its latest sessions, connections and gaps, at most `limit` of each. Throws `BAD_INPUT` for a key that is none. */
  async roomOverview(roomKey: string, limit = 1_000, signal?: AbortSignal): Promise<RoomOverview> {
    const filter = parseRoomKey(roomKey);
    const most = parseLimit(limit, MAX_LIMIT);
    const latest = <T>(collection: string, schema: z.ZodType<T>, by: string): Promise<T[]> =>
      this.#find({ collection, schema, filter, sort: { [by]: -1 }, limit: most + 1, signal });
    const [room, sessions, connections, gaps] = await Promise.all([
      this.room(roomKey, signal),
      latest(COLLECTIONS.sessions, SessionDocument, 'startedAt'),
      latest(COLLECTIONS.connections, ConnectionDocument, 'connectedAt'),
      latest(COLLECTIONS.gaps, GapDocument, 'from'),
    ]);
    const lists = { sessions, connections, gaps };
    const truncated = (['sessions', 'connections', 'gaps'] as const).filter((name) => lists[name].length > most);
    return {
      ...(room && { room }),
      sessions: sessions.slice(0, most),
      connections: connections.slice(0, most),
      gaps: gaps.slice(0, most),
      truncated,
    };
  }

  /** What is known of a room; asked by `_id`, so cheap on every server. */
  async room(roomKey: string, signal?: AbortSignal): Promise<RoomDocument | undefined> {
    parseRoomKey(roomKey);
    const filter = { _id: roomKey };
    const question = { collection: COLLECTIONS.rooms, schema: RoomDocument, filter, sort: {}, limit: 1, signal };
    return (await this.#find(question))[0];
  }

  /**
   * The batches that began at `since` or later: the last ones, at most `limit`, the latest first; and what was stored in each hour (UTC), by the start of
   * its batches. From the latest 50,000 of them, never from events.
   */
  async recentBatches(
    since: Date,
    limit = 20,
    signal?: AbortSignal,
  ): Promise<{ latest: BatchDocument[]; hours: HourTotals[] }> {
    const most = parseLimit(limit, MAX_LIMIT);
    const batches = await this.#find({
      collection: COLLECTIONS.batches,
      schema: BatchSums,
      filter: { startedAt: { $gte: new Date(since) } },
      sort: { startedAt: -1 },
      limit: MAX_BATCHES,
      signal,
    });
    const latest = batches.slice(0, most).map((batch) => parseStored(BatchDocument, COLLECTIONS.batches, batch));
    return { latest, hours: sumByHour(batches) };
  }

  /** Holes of all rooms that were open at `since` or later, those that began last first. */
  async recentGaps(since: Date, limit = 1_000, signal?: AbortSignal): Promise<GapDocument[]> {
    return this.#find({
      collection: COLLECTIONS.gaps,
      schema: GapDocument,
      filter: { $or: [{ to: { $gte: new Date(since) } }, { to: { $exists: false } }] },
      sort: { from: -1 },
      limit: parseLimit(limit, MAX_LIMIT),
      signal,
    });
  }

  #find<T>({ collection, schema, filter, sort, limit, signal }: Question<T>): Promise<T[]> {
    return this.asking.run(`answer about ${collection}`, signal, async (within) => {
      const found = this.asking.db
        .collection<{ _id: string }>(collection)
        .find(filter, { sort, limit, batchSize: RECORDS_A_REPLY, signal: within });
      return (await found.toArray()).map((document) => parseStored(schema, collection, document));
    });
  }
}

/** Hours without a batch are left out. */
function sumByHour(batches: readonly z.output<typeof BatchSums>[]): HourTotals[] {
  const hours = new Map<number, HourTotals>();
  for (const { startedAt, events, inserted, duplicates } of batches) {
    const hour = Math.floor(startedAt.getTime() / HOUR_MS) * HOUR_MS;
    const sum = hours.get(hour) ?? { hour: new Date(hour), batches: 0, events: 0, inserted: 0, duplicates: 0 };
    sum.batches += 1;
    sum.events += events;
    sum.inserted += inserted;
    sum.duplicates += duplicates;
    hours.set(hour, sum);
  }
  return [...hours.values()].sort((a, b) => a.hour.getTime() - b.hour.getTime());
}
