import type { Db, Document, MongoClient } from 'mongodb';
import { z } from 'zod';
import type { BatchTotals } from '../../model/batch.js';
import { emptyCounts } from '../../model/connection.js';
import type { SpooledEvent } from '../../model/event.js';
import type { SpoolEntry } from '../../model/records.js';
import { COLLECTIONS } from '../../store/collections.js';
import { batchUpsert, type Upsert } from '../../store/documents.js';
import { planRange } from '../../store/range-plan.js';
import type { BenchStore } from '../embedded-store.js';
import { NOON, sampleEntries } from '../sample-events.js';

/** A month of one worker, as far as its records go; events are of one quiet day, since every one of them has to be written first. */
export const HISTORY = {
  rooms: 200,
  days: 30,
  /** Of the last day, over all rooms. */
  events: 250_000,
  /** A day. */
  connectionsARoom: 10,
  /** A day: one a minute. */
  batches: 1_440,
} as const;

/** When the history ends: queries look back from here. */
export const ENDS_AT = NOON + 11 * 3_600_000;
const DAY_MS = 86_400_000;
const MINUTE_MS = 60_000;
const RANGE = 5_000;
const WORKER = 'wbench000';

export const roomIdOf = (room: number): string => String(22_600_000 + room * 37);
export const DAY = '20260921';

/** Writes the history: events and batches by the store's own writes; thousands of records at once as the documents that its upserts make, one by one. */
export async function writeHistory(
  { store, client, database }: BenchStore,
  seed: number,
  report: (line: string) => void,
  signal: AbortSignal,
): Promise<void> {
  const models = sampleEntries(seed, 4_000, NOON).flatMap((entry) => (entry.type === 'event' ? [entry.event] : []));
  for (let first = 0; first < HISTORY.events; first += RANGE) {
    const entries = Array.from({ length: RANGE }, (_, index) => eventEntry(models, first + index));
    await store.write({ from: first + 1, to: first + RANGE, bytes: RANGE * 700, entries }, signal);
    if (first % 50_000 === 0) report(`${first.toLocaleString('en')} events written`);
  }
  for (let day = HISTORY.days - 1; day >= 0; day -= 1) {
    signal.throwIfAborted();
    const endsAt = ENDS_AT - day * DAY_MS;
    const records = Array.from({ length: HISTORY.rooms }, (_, room) => recordsOf(room, endsAt)).flat();
    await insertChanges(
      client.db(database),
      planRange({ from: 1, to: records.length, bytes: 0, entries: records }, endsAt).changes,
    );
    const batches = Array.from({ length: HISTORY.batches }, (_, batch) => batchOf(batch, endsAt));
    await insertChanges(client.db(database), new Map([[COLLECTIONS.batches, batches.map(batchUpsert)]]));
    if (day % 5 === 0) report(`the records of ${HISTORY.days - day} days written`);
  }
}

const Values = z.record(z.string(), z.unknown()).default({});
/** Of documents that are not there yet, all of these set what they name. */
const Fields = z.strictObject({ $set: Values, $max: Values, $min: Values });
const DOCUMENTS_AT_ONCE = 200;

/** What the store's upserts make, as documents. */
async function insertChanges(
  db: Db,
  all: ReadonlyMap<string, readonly Pick<Upsert, 'id' | 'update'>[]>,
): Promise<void> {
  for (const [collection, changes] of all) {
    const documents = changes.map(({ id, update }): Document => {
      const { $set, $max, $min } = Fields.parse(update);
      return { _id: id, ...$set, ...$max, ...$min };
    });
    for (let at = 0; at < documents.length; at += DOCUMENTS_AT_ONCE)
      await db.collection(collection).insertMany(documents.slice(at, at + DOCUMENTS_AT_ONCE));
  }
}

/** The same events again under other ids, spread over rooms and over the first 23 hours of the day. */
function eventEntry(models: readonly SpooledEvent[], n: number): SpoolEntry {
  const model = models[n % models.length];
  if (model === undefined) throw new RangeError('there is no event to repeat');
  const roomId = roomIdOf(n % HISTORY.rooms);
  const at = ENDS_AT - Math.floor(((HISTORY.events - n) / HISTORY.events) * 23 * 3_600_000);
  const connectionId = connectionIdOf(n % HISTORY.rooms, ENDS_AT - CONNECTION_LASTS_MS);
  return {
    type: 'event',
    event: { ...model, _id: `bilibili:${roomId}:${model.kind}:${n}`, roomId, at, receivedAt: at + 40, connectionId },
  };
}

const CONNECTION_LASTS_MS = DAY_MS / HISTORY.connectionsARoom;
const connectionIdOf = (room: number, connectedAt: number): string => `${WORKER}.${connectedAt * 1_000 + room}`;

/** A room that was live all day, and lost its connection some times. */
function recordsOf(room: number, endsAt: number): SpoolEntry[] {
  const roomId = roomIdOf(room);
  const own = { platform: 'bilibili', roomId };
  const startedAt = endsAt - DAY_MS;
  const sessionId = `bilibili:${roomId}:${startedAt / 1_000}`;
  const entries: SpoolEntry[] = [
    ...(endsAt === ENDS_AT ? [roomEntry(roomId)] : []),
    {
      type: 'session',
      session: { _id: sessionId, ...own, title: 'a broadcast', startedAt, connections: HISTORY.connectionsARoom },
    },
  ];
  for (let n = 0; n < HISTORY.connectionsARoom; n += 1) {
    const connectedAt = startedAt + n * CONNECTION_LASTS_MS;
    const endedAt = connectedAt + CONNECTION_LASTS_MS - 2_000;
    const _id = connectionIdOf(room, connectedAt);
    const counts = {
      ...emptyCounts(),
      frames: 4_000,
      bytes: 5_000_000,
      accepted: { chat: 3_000, enter: 2_000, gift: 500 },
    };
    const where = { workerId: WORKER, endpoint: '127.0.0.1:443', attempt: 1 };
    const ended = { connectedAt, coveredUntil: endedAt, endedAt, end: 'lost' as const, counts };
    entries.push(
      { type: 'connection', connection: { _id, ...own, sessionId, ...where, ...ended } },
      {
        type: 'gap',
        gap: { _id: `after:${_id}`, ...own, sessionId, from: endedAt, to: endedAt + 2_000, reason: 'lost' },
      },
    );
  }
  return entries;
}

const roomEntry = (roomId: string): SpoolEntry => ({
  type: 'room',
  room: {
    _id: `bilibili:${roomId}`,
    platform: 'bilibili',
    roomId,
    title: 'a room',
    state: 'recording',
    seenAt: ENDS_AT,
  },
});

function batchOf(n: number, endsAt: number): BatchTotals {
  const events = Math.floor(HISTORY.events / HISTORY.batches);
  const startedAt = endsAt - DAY_MS + n * MINUTE_MS;
  const firstSeq = 1 + startedAt + n * events;
  return {
    _id: `${WORKER}:${firstSeq}`,
    workerId: WORKER,
    firstSeq,
    lastSeq: firstSeq + events - 1,
    startedAt,
    endedAt: startedAt + MINUTE_MS,
    entries: events,
    events,
    inserted: events,
    duplicates: 0,
    bytes: events * 700,
    writes: 500,
    rooms: {}, // they are in `batch_rooms`, which nothing here asks
    kinds: { chat: Math.floor(events / 2), enter: Math.floor(events / 4), like: Math.floor(events / 8) },
    lagMs: { p50: 40, p99: 90, max: 140 },
  };
}

/** The names of the indexes that the server used for a question; `COLLSCAN` where it read everything. */
export async function indexesOf(
  client: MongoClient,
  database: string,
  collection: string,
  filter: object,
  sort: object,
): Promise<string[]> {
  const command = { explain: { find: collection, filter, sort, limit: 100 }, verbosity: 'queryPlanner' };
  const text = JSON.stringify(await client.db(database).command(command));
  return [...text.matchAll(/"indexName":"([^"]+)"|"stage":"(COLLSCAN)"/g)].map(
    ([, index, scan]) => index ?? scan ?? '',
  );
}
