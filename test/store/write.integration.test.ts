import { describe, expect, inject, it } from 'vitest';
import { audience, chat, chats, connection, dump, events, freshStore, gap, NEVER, NOON, range } from './entries.js';
import { openStore } from '../../src/store/open-store.js';
import { StoreConfig } from '../../src/store/config.js';
import type { GapRecord, SpoolEntry } from '../../src/model/records.js';

const uri = inject('mongoUri');
const MIDNIGHT = Date.UTC(2026, 8, 22);
const one = async (...args: Parameters<typeof dump>) => {
  const all = await dump(...args);
  return (collection: string) => all[collection]?.[0];
};

describe('writing events', () => {
  it('stores each with dates for its times, its place in the spool, and the time of the write', async () => {
    const { store, client, database } = await freshStore(uri, {}, { now: () => NOON + 999 });
    const member = chat(7, {
      live: { startedAt: NOON },
      membership: { tier: 3, count: 1, price: 1, currency: 'CNY', startsAt: NOON },
    });
    const result = await store.write(range(events([chat(1), member]), 41), NEVER);
    expect(result).toEqual({ events: 2, inserted: 2, duplicates: 0, ackedAt: NOON + 999 });
    const { events_20260921: stored } = await dump(client, database);
    const times = { at: new Date(NOON + 7), receivedAt: new Date(NOON + 47), storedAt: new Date(NOON + 999), seq: 42 };
    const membership = { ...member.membership, startsAt: new Date(NOON) };
    expect(stored?.[1]).toEqual({ ...member, ...times, live: { startedAt: new Date(NOON) }, membership });
  });

  it('puts an event into the day of its own time, to the millisecond, in UTC', async () => {
    const { store, client, database } = await freshStore(uri);
    await store.write(range(events([chat(1, { at: MIDNIGHT - 1 }), chat(2, { at: MIDNIGHT })])), NEVER);
    const all = await dump(client, database);
    expect(Object.entries(all).map(([name, docs]) => [name, docs.map(({ _id }) => _id)])).toEqual([
      ['events_20260921', ['bilibili:1000:chat:1']],
      ['events_20260922', ['bilibili:1000:chat:2']],
    ]);
  });

  it('counts a thousand duplicates beside a thousand new ones, in parts of any size', async () => {
    const { store, client, database } = await freshStore(uri, { maxDocumentsPerInsert: 300 });
    await store.write(range(chats(1_000)), NEVER);
    const result = await store.write(range([...chats(1_000), ...chats(1_000, 1_000)], 1_001), NEVER);
    expect(result).toMatchObject({ events: 2_000, inserted: 1_000, duplicates: 1_000 });
    const { events_20260921: stored } = await dump(client, database);
    expect(stored).toHaveLength(2_000);
    expect(stored?.find(({ _id }) => _id === 'bilibili:1000:chat:5')).toMatchObject({ seq: 6 });
  });

  it('stores an event once that is twice in one range', async () => {
    const { store } = await freshStore(uri);
    expect(await store.write(range([...chats(2), ...chats(2)]), NEVER)).toMatchObject({ inserted: 2, duplicates: 2 });
  });

  it('keeps apart and reports each event that no server takes, and stores its neighbours', async () => {
    const told: string[] = [];
    const { store, client, database } = await freshStore(uri, {}, { onRefused: (letter) => told.push(letter._id) });
    const poison = [
      JSON.parse('{"gift":{"a\\u0000b":1}}'),
      { text: 'x'.repeat(17 * 1024 * 1024) },
      { color: Number.NaN },
      { at: Number.NaN },
      { at: 1e300 },
      { _id: { $gt: '' } },
    ].map((more, i) => chat(500 + i, more));
    const entries = [...chats(50), ...events(poison), ...chats(50, 100)];
    const result = await store.write(range(entries), NEVER);
    expect(result).toMatchObject({ events: 106, inserted: 100, duplicates: 0 });
    const all = await dump(client, database);
    expect(all['events_20260921']).toHaveLength(100);
    expect(all['dead_letters']).toHaveLength(6);
    expect(told).toHaveLength(6);
    for (const letter of all['dead_letters'] ?? [])
      expect(letter).toMatchObject({ platform: 'bilibili', roomId: '1000' });
    await store.write(range(entries), NEVER);
    expect((await dump(client, database))['dead_letters']).toHaveLength(6);
  });
});

describe('writing records', () => {
  const records: SpoolEntry[] = [
    { type: 'connection', connection: connection() },
    { type: 'connection', connection: connection({ coveredUntil: NOON + 5_000, endedAt: NOON + 9_000, end: 'lost' }) },
    { type: 'session', session: { _id: 's', platform: 'bilibili', roomId: '1000', startedAt: NOON, title: '标题' } },
    { type: 'room', room: { _id: 'bilibili:1000', platform: 'bilibili', roomId: '1000', seenAt: NOON, popularity: 5 } },
    { type: 'gap', gap: gap(NOON + 5_000, { reason: 'lost' }) },
    { type: 'audience', audience: audience(NOON, { popularity: 5, watched: 1 }) },
    { type: 'audience', audience: audience(NOON, { watched: 2 }) },
  ];

  it('puts the pieces of a record together, with dates for its times', async () => {
    const { store, client, database } = await freshStore(uri);
    await store.write(range(records), NEVER);
    const of = await one(client, database);
    const ended = { coveredUntil: new Date(NOON + 5_000), endedAt: new Date(NOON + 9_000), end: 'lost' };
    expect(of('connections')).toEqual({ ...connection(), connectedAt: new Date(NOON), ...ended });
    expect(of('sessions')).toMatchObject({ startedAt: new Date(NOON), title: '标题' });
    expect(of('rooms')).toMatchObject({ seenAt: new Date(NOON), popularity: 5 });
    expect(of('audience_20260921')).toMatchObject({ at: new Date(NOON), values: { popularity: 5, watched: 2 } });
  });

  it('never unsets what an earlier piece told', async () => {
    const { store, client, database } = await freshStore(uri);
    await store.write(range(records), NEVER);
    await store.write(range([{ type: 'connection', connection: connection({ attempt: 2 }) }]), NEVER);
    await store.write(range([{ type: 'audience', audience: audience(NOON, { likes: 9 }) }]), NEVER);
    const of = await one(client, database);
    expect(of('connections')).toMatchObject({ attempt: 2, end: 'lost', endedAt: new Date(NOON + 9_000) });
    expect(of('audience_20260921')).toMatchObject({ values: { popularity: 5, watched: 2, likes: 9 } });
  });

  it('opens a session again that had ended', async () => {
    const { store, client, database } = await freshStore(uri);
    const session = { _id: 's', platform: 'bilibili', roomId: '1000' };
    await store.write(range([{ type: 'session', session: { ...session, endedAt: NOON, end: 'retired' } }]), NEVER);
    await store.write(range([{ type: 'session', session: { ...session, openedAt: NOON + 1 } }]), NEVER);
    expect((await one(client, database))('sessions')).toEqual({ ...session, openedAt: new Date(NOON + 1) });
  });

  it('changes nothing when the same range is written again', async () => {
    const { store, client, database } = await freshStore(uri);
    const all = range([...chats(20), ...records]);
    await store.write(all, NEVER);
    const before = await dump(client, database);
    await store.write(all, NEVER);
    expect(await dump(client, database)).toEqual(before);
  });

  it('makes the same gap of its reports in any order', async () => {
    const reports: GapRecord[] = [
      gap(NOON, { reason: 'lost', previousConnectionId: 'w1.c1' }),
      gap(NOON, { to: NOON + 9_000, nextConnectionId: 'w2.c9' }),
      gap(NOON + 4_000, {}), // a late, exact report
    ];
    const expected = {
      from: new Date(NOON + 4_000),
      to: new Date(NOON + 9_000),
      reason: 'lost',
      nextConnectionId: 'w2.c9',
    };
    for (const order of [
      [0, 1, 2],
      [0, 2, 1],
      [1, 0, 2],
      [1, 2, 0],
      [2, 0, 1],
      [2, 1, 0],
    ]) {
      const { store, client, database } = await freshStore(uri);
      for (const i of order)
        await store.write(range(reports.slice(i, i + 1).map((gap) => ({ type: 'gap', gap }))), NEVER);
      expect((await one(client, database))('gaps')).toMatchObject(expected);
    }
  });

  it('loses neither end of a gap that two workers report at the same moment', async () => {
    const { store, client, database } = await freshStore(uri);
    const other = await openStore(StoreConfig.parse({ uri, database }));
    try {
      for (let round = 0; round < 10; round += 1) {
        const ids = Array.from({ length: 10 }, (_, i) => `after:w1.${round}.${i}`);
        const of = (more: Partial<GapRecord>) =>
          range(ids.map((_id) => ({ type: 'gap', gap: { ...gap(NOON), ...more, _id } })));
        await Promise.all([
          store.write(of({ from: NOON + 5, reason: 'lost' }), NEVER),
          other.write(of({ to: NOON + 9, nextConnectionId: 'w2' }), NEVER),
        ]);
      }
    } finally {
      await other.close();
    }
    const { gaps } = await dump(client, database);
    expect(gaps).toHaveLength(100);
    const whole = { from: new Date(NOON + 5), to: new Date(NOON + 9), reason: 'lost', nextConnectionId: 'w2' };
    for (const found of gaps ?? []) expect(found).toMatchObject(whole);
  });

  it('writes hundreds of changes to records that are there already', async () => {
    const { store, client, database } = await freshStore(uri);
    const many = (endedAt?: number): SpoolEntry[] =>
      Array.from({ length: 300 }, (_, i) => ({
        type: 'connection',
        connection: connection({ _id: `w1.${i}`, ...(endedAt !== undefined && { endedAt }) }),
      }));
    await store.write(range(many()), NEVER);
    await store.write(range(many(NOON + 1)), NEVER);
    const { connections } = await dump(client, database);
    expect(connections?.filter(({ endedAt }) => endedAt !== undefined)).toHaveLength(300);
  });

  it('keeps a record that no server takes as a dead letter, and stores its neighbours', async () => {
    const { store, client, database } = await freshStore(uri);
    const room = { _id: 'bilibili:2', platform: 'bilibili', roomId: '2', seenAt: NOON };
    await store.write(range([...records, { type: 'room', room: { ...room, popularity: Number.NaN } }]), NEVER);
    const all = await dump(client, database);
    expect(all['rooms']).toHaveLength(1);
    expect(all['dead_letters']).toMatchObject([{ _id: 'refused:room:bilibili:2', roomId: '2' }]);
  });
});

describe('around the writes', () => {
  it('makes the indexes any number of times, from several processes at once, also of a new day', async () => {
    const { store, client, database } = await freshStore(uri, { eventIndexes: 'always' });
    await Promise.all([store.prepare(NEVER), store.prepare(NEVER)]);
    await store.prepare(NEVER);
    await store.write(range(chats(3)), NEVER);
    const names = async (collection: string) =>
      (await client.db(database).collection(collection).indexes()).map(({ name }) => name);
    expect((await names('connections')).sort()).toEqual(['_id_', 'roomId_1_connectedAt_-1', 'sessionId_1']);
    expect((await names('events_20260921')).sort()).toEqual(['_id_', 'kind_1_at_1', 'roomId_1_at_1']);
  });
});
