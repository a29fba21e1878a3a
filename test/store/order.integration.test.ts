import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import type { MongoClient } from 'mongodb';
import { describe, expect, inject, it } from 'vitest';
import { freshStore, gap, NEVER, NOON, range } from './entries.js';
import type { GapRecord, RoomRecord, SessionRecord, SpoolEntry } from '../../src/model/records.js';
import type { MongoStore } from '../../src/store/open-store.js';

const uri = inject('mongoUri');
const own = { platform: 'bilibili', roomId: '1000' };
const session = (more: Partial<SessionRecord>): SpoolEntry => ({
  type: 'session',
  session: { _id: 's', ...own, startedAt: NOON, ...more },
});
const opening = (at: number): SpoolEntry => session({ openedAt: NOON + at });
const closing = (at: number, endedAt = at): SpoolEntry =>
  session({
    closedAt: NOON + at,
    endedAt: NOON + endedAt,
    end: at % 2 === 0 ? 'offline' : 'retired',
    totals: { chat: at },
  });
const room = (at: number, more: Partial<RoomRecord>): SpoolEntry => ({
  type: 'room',
  room: { _id: 'r', ...own, seenAt: NOON + at, ...more },
});
const hole = (more: Partial<GapRecord>): SpoolEntry => ({ type: 'gap', gap: gap(NOON, { _id: 'g', ...more }) });

/** What a worker writes at a time; of one time it is always the same. */
const told = (at: number): SpoolEntry[] => [
  opening(at),
  closing(at, at - 3),
  room(at, { ownerName: `owner ${at}`, popularity: at, title: `title ${at}` }),
  room(at, { state: `state ${at}` }),
  room(at, {
    title: `title ${at}`,
    lastConnection: { connectionId: `c${at}`, coveredUntil: NOON + at - (at % 5) * 10 },
  }),
  hole({ from: NOON + at, reason: 'lost' }),
  hole({ to: NOON + at, nextConnectionId: `c${at}` }),
];
const entry = fc.tuple(fc.nat(60), fc.nat(6)).map(([at, which]) => told(at).slice(which, which + 1));
const spool = fc.array(entry, { maxLength: 5 }).map((list) => list.flat());

/** The entries of each spool in their order, in ranges, some of them twice. */
const interleaving = fc
  .record({
    spools: fc.tuple(spool, spool),
    turns: fc.infiniteStream(fc.boolean()),
    cuts: fc.infiniteStream(fc.constantFrom('on', 'on', 'cut', 'repeat')),
  })
  .map(({ spools: [a, b], turns, cuts }) => {
    const left: [SpoolEntry[], SpoolEntry[]] = [[...a], [...b]];
    const ranges: SpoolEntry[][] = [];
    while (left[0].length + left[1].length > 0) {
      const from = left[0].length === 0 || (left[1].length > 0 && turns.next().value === true) ? left[1] : left[0];
      const some = from.splice(0, cuts.next().value === 'on' ? 2 : 1);
      ranges.push(some, ...(cuts.next().value === 'repeat' ? [some] : []));
    }
    return { all: [...a, ...b], ranges };
  });

/** The documents that the ranges make, under ids of their own. */
async function made({ store, db }: { store: MongoStore; db: ReturnType<MongoClient['db']> }, ranges: SpoolEntry[][]) {
  const mark = randomUUID();
  const named = <T extends { _id: string }>(record: T): T => ({ ...record, _id: `${record._id}:${mark}` });
  for (const entries of ranges) {
    const renamed = entries.map((one): SpoolEntry => {
      if (one.type === 'session') return { ...one, session: named(one.session) };
      if (one.type === 'room') return { ...one, room: named(one.room) };
      return one.type === 'gap' ? { ...one, gap: named(one.gap) } : one;
    });
    await store.write(range(renamed), NEVER);
  }
  const ids = { sessions: `s:${mark}`, rooms: `r:${mark}`, gaps: `g:${mark}` };
  const found = Object.entries(ids).map(async ([name, _id]) => {
    const document = await db.collection<{ _id: string }>(name).findOne({ _id });
    return [name, document && { ...document, _id: name }];
  });
  return Object.fromEntries(await Promise.all(found));
}

async function fresh() {
  const { store, client, database } = await freshStore(uri);
  return { store, db: client.db(database) };
}

describe('records that several workers tell of', () => {
  it('make the same documents in every order, in ranges of any size, written any number of times', async () => {
    const target = await fresh();
    await fc.assert(
      fc.asyncProperty(interleaving, async ({ all, ranges }) => {
        const apart = all.map((one) => [one]);
        const expected = await made(target, apart);
        expect(await made(target, [...apart].reverse())).toEqual(expected);
        expect(await made(target, ranges)).toEqual(expected);
      }),
      { numRuns: 25 },
    );
  });

  it('leave a session ended that a late opening of before the end speaks of', async () => {
    const { sessions } = await made(await fresh(), [[closing(20, 5)], [opening(10)]]);
    expect(sessions).toMatchObject({ endedAt: new Date(NOON + 5), end: 'offline', totals: { chat: 20 } });
  });

  it('leave a session open that goes on, though its earlier end comes late', async () => {
    for (const order of [
      [opening(10), closing(20), opening(30)],
      [opening(30), closing(20), opening(10)],
    ]) {
      const { sessions } = await made(
        await fresh(),
        order.map((one) => [one]),
      );
      expect(sessions).not.toHaveProperty('endedAt');
      expect(sessions).not.toHaveProperty('end');
    }
  });

  it('do not turn a room back', async () => {
    const lastConnection = { connectionId: 'new', coveredUntil: NOON + 90 };
    const late = { title: 'old', state: 'lost', lastConnection: { connectionId: 'old', coveredUntil: NOON + 10 } };
    const { rooms } = await made(await fresh(), [
      [room(100, { title: 'new', state: 'streaming', lastConnection })],
      [room(20, { ...late, ownerName: 'somebody' })],
    ]);
    expect(rooms).toMatchObject({
      title: 'new',
      state: 'streaming',
      seenAt: new Date(NOON + 100),
      ownerName: 'somebody',
      lastConnection: { connectionId: 'new', coveredUntil: new Date(NOON + 90) },
    });
  });

  it('keep the first connection after a gap as its end', async () => {
    const first = hole({ to: NOON + 20, nextConnectionId: 'first' });
    const second = hole({ to: NOON + 50, nextConnectionId: 'second' });
    for (const order of [[[first], [second]], [[second], [first]], [[first, second]]]) {
      const { gaps } = await made(await fresh(), order);
      expect(gaps).toMatchObject({ to: new Date(NOON + 20), nextConnectionId: 'first' });
    }
  });
});
