import { beforeAll, describe, expect, inject, it } from 'vitest';
import { chat, chats, connection, dump, events, freshStore, gap, NEVER, NOON, range } from './entries.js';
import type { BatchTotals } from '../../src/model/batch.js';
import { completeness } from '../../src/model/completeness.js';
import { EventDocument } from '../../src/model/event.js';

const uri = inject('mongoUri');
const HOUR = 3_600_000;
const DAY = 24 * HOUR;

const batch = (n: number, startedAt: number): BatchTotals => ({
  _id: `w1:${n}`,
  workerId: 'w1',
  firstSeq: n,
  lastSeq: n + 9,
  startedAt,
  endedAt: startedAt + 60_000,
  entries: 10,
  events: 9,
  inserted: 8,
  duplicates: 1,
  bytes: 7_000,
  writes: 2,
  rooms: { 'bilibili:1000': 9 },
  kinds: { chat: 9 },
  lagMs: { p50: 20.5, p99: 80, max: 90 },
});

async function collect<T>(from: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const one of from) all.push(one);
  return all;
}

describe('reads', () => {
  beforeAll(() => expect(uri).toMatch(/^mongodb/));

  it('shows a room with its sessions, connections and gaps, the latest first, and nothing of another room', async () => {
    const { store } = await freshStore(uri);
    const base = { platform: 'bilibili', roomId: '1000' };
    await store.write(
      range([
        { type: 'room', room: { ...base, _id: 'bilibili:1000', seenAt: NOON, title: '标题' } },
        { type: 'session', session: { ...base, _id: 's1', startedAt: NOON - DAY, endedAt: NOON - HOUR } },
        { type: 'session', session: { ...base, _id: 's2', startedAt: NOON } },
        {
          type: 'connection',
          connection: connection({ sessionId: 's2', coveredUntil: NOON + 60, endedAt: NOON + 90 }),
        },
        { type: 'connection', connection: connection({ _id: 'w2.c1', sessionId: 's2', connectedAt: NOON + 100 }) },
        { type: 'connection', connection: connection({ _id: 'w2.c2', roomId: '10' }) },
        { type: 'gap', gap: gap(NOON + 60, { to: NOON + 100, sessionId: 's2' }) },
      ]),
      NEVER,
    );
    const { room, sessions, connections, gaps, truncated } = await store.records.roomOverview('bilibili:1000');
    expect(room).toMatchObject({ title: '标题', seenAt: new Date(NOON) });
    expect([sessions, connections].map((list) => list.map(({ _id }) => _id))).toEqual([
      ['s2', 's1'],
      ['w2.c1', 'w1.c1'],
    ]);
    expect(truncated).toEqual([]);
    const [latest = {}] = sessions;
    const weighed = completeness(latest, connections, gaps, new Date(NOON + 1_000));
    expect(weighed).toEqual({ totalMs: 1_000, coveredMs: 960, gapMs: 40, unexplainedMs: 0, percent: 96 });
    expect((await store.records.roomOverview('bilibili:1000', 1)).truncated).toEqual(['sessions', 'connections']);
    expect(await store.records.roomOverview('bilibili:3')).toMatchObject({ sessions: [], connections: [], gaps: [] });
  });

  it('gives back every event as the schema has it, of a room and day, and of all days', async () => {
    const { store } = await freshStore(uri);
    const list = [chat(2), chat(1), chat(3, { at: NOON + DAY }), chat(4, { roomId: '2' })];
    await store.write(range([...events(list), ...chats(2_500, 10)]), NEVER);
    const day = await collect(store.events.eventsOfDay('bilibili:1000', '20260921'));
    expect(day.slice(0, 3).map(({ messageId }) => messageId)).toEqual(['1', '2', '10']);
    expect(day).toHaveLength(2_502);
    const all = await collect(store.events.allEvents());
    expect(all).toHaveLength(2_504);
    expect(all.every((event) => EventDocument.safeParse(event).success)).toBe(true);
    expect(await collect(store.events.eventsOfDay('bilibili:1000', '20260101'))).toEqual([]);
  });

  it('finds the last chats over midnight, the latest first', async () => {
    const { store } = await freshStore(uri);
    const gifts = [chat(50, { kind: 'gift' })];
    await store.write(range(events([chat(1), chat(2), chat(3, { at: NOON + DAY }), ...gifts])), NEVER);
    const last = await store.events.lastChats('bilibili:1000', 2);
    expect(last.map(({ messageId }) => messageId)).toEqual(['3', '2']);
  });

  it('sums batches by the hour in which they began', async () => {
    const { store } = await freshStore(uri);
    await store.writeBatch(batch(1, NOON), NEVER);
    await store.writeBatch(batch(1, NOON), NEVER);
    await store.writeBatch(batch(11, NOON + 59 * 60_000), NEVER);
    await store.writeBatch(batch(21, NOON + HOUR), NEVER);
    const noon = new Date(NOON);
    const { latest, hours } = await store.records.recentBatches(noon, 2);
    expect(latest).toMatchObject([{ firstSeq: 21 }, { firstSeq: 11 }]);
    expect(hours).toEqual([
      { hour: new Date(NOON), batches: 2, events: 18, inserted: 16, duplicates: 2 },
      { hour: new Date(NOON + HOUR), batches: 1, events: 9, inserted: 8, duplicates: 1 },
    ]);
    const later = await store.records.recentBatches(new Date(NOON + HOUR));
    expect(later).toMatchObject({ latest: [{ firstSeq: 21 }], hours: [{ batches: 1 }] });
  });

  it('keeps the rooms of a batch beside it', async () => {
    const { store, client, database } = await freshStore(uri);
    await store.writeBatch(batch(1, NOON), NEVER);
    await store.writeBatch({ ...batch(1, NOON), rooms: { 'bilibili:1000': 9, 'bilibili:2000': 1 } }, NEVER);
    const { batches, batch_rooms: rooms } = await dump(client, database);
    expect(batches).toMatchObject([{ _id: 'w1:1', events: 9 }]);
    expect(batches?.[0]).not.toHaveProperty('rooms');
    const counts = { 'bilibili:1000': 9, 'bilibili:2000': 1 };
    expect(rooms).toEqual([{ _id: 'w1:1', workerId: 'w1', startedAt: new Date(NOON), rooms: counts }]);
  });

  it('refuses whatever is not the text of a room, so that no query can be smuggled in', async () => {
    const { store } = await freshStore(uri);
    for (const key of [
      '',
      'bilibili',
      'bilibili:',
      '$where:1',
      JSON.parse('{"$gt":""}'),
      JSON.parse('["bilibili:1"]'),
    ]) {
      await expect(store.records.roomOverview(key)).rejects.toMatchObject({ code: 'BAD_INPUT' });
      await expect(store.events.lastChats(key)).rejects.toMatchObject({ code: 'BAD_INPUT' });
    }
    await expect(store.records.recentBatches(new Date(NOON), 1e9)).rejects.toMatchObject({ code: 'BAD_INPUT' });
  });

  it('names a document that is not of its making instead of passing it on', async () => {
    const { store, client, database } = await freshStore(uri);
    await client.db(database).collection<{ _id: string }>('events_20260921').insertOne({ _id: 'stranger' });
    await expect(collect(store.events.allEvents())).rejects.toMatchObject({
      code: 'STORE_UNREADABLE',
      message: expect.stringContaining('stranger'),
    });
  });
});
