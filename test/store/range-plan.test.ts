import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { audience, chat, connection, events, gap, NOON, range } from './entries.js';
import type { SpoolEntry } from '../../src/model/records.js';
import { dayOf, parseDaily } from '../../src/store/collections.js';
import { planRange } from '../../src/store/range-plan.js';

const anyEntry: fc.Arbitrary<SpoolEntry> = fc.oneof(
  fc.nat(200_000_000).map((n) => ({ type: 'event', event: chat(n) }) as const),
  fc.tuple(fc.nat(3), fc.nat(99)).map(([id, n]) => ({ type: 'gap', gap: gap(n, { _id: `g${id}` }) }) as const),
  fc
    .tuple(fc.nat(3), fc.nat(99))
    .map(([id, n]) => ({ type: 'connection', connection: connection({ _id: `c${id}`, coveredUntil: n }) }) as const),
  fc
    .tuple(fc.nat(3), fc.nat(99))
    .map(([at, n]) => ({ type: 'audience', audience: audience(at, { likes: n }) }) as const),
);

describe('the plan of a range', () => {
  it('has every event once, under its own sequence number, in the collection of its day', () =>
    fc.assert(
      fc.property(fc.array(anyEntry), fc.nat(), (entries, from) => {
        const { eventsByCollection, events: count, repeated } = planRange(range(entries, from), NOON);
        const planned = [...eventsByCollection].flatMap(([name, list]) =>
          list.map(({ document }) => ({ name, document })),
        );
        expect(planned).toHaveLength(count - repeated);
        expect(new Set(planned.map(({ name, document }) => `${name} ${document['_id']}`)).size).toBe(planned.length);
        for (const { name, document } of planned) {
          const entry = entries[Number(document['seq']) - from];
          expect(entry).toMatchObject({ type: 'event', event: { _id: document['_id'] } });
          expect(name).toBe(`events_${dayOf(document['at'].getTime())}`);
        }
      }),
    ));

  it('leaves out what came before in the range or is known to be stored, and counts it', () => {
    const entries = [1, 2, 1, 3].map((n) => ({ type: 'event', event: chat(n) }) as const);
    const isStored = (collection: string, id: string): boolean =>
      collection === `events_${dayOf(chat(3).at)}` && id === chat(3)._id;
    const { eventsByCollection, events: count, repeated } = planRange(range(entries), NOON, isStored);
    const ids = [...eventsByCollection.values()].flat().map(({ document }) => document['_id']);
    expect(ids).toEqual([chat(1)._id, chat(2)._id]);
    expect([count, repeated]).toEqual([4, 2]);
  });

  it('has one change for each record, with the last value of each field and the latest start of a gap', () =>
    fc.assert(
      fc.property(fc.array(anyEntry), (entries) => {
        const { changes, audienceByCollection } = planRange(range(entries), NOON);
        const froms = new Map<string, number>();
        const covered = new Map<string, number | undefined>();
        const likes = new Map<string, number | undefined>();
        for (const entry of entries) {
          if (entry.type === 'gap') froms.set(entry.gap._id, Math.max(froms.get(entry.gap._id) ?? 0, entry.gap.from));
          if (entry.type === 'connection') covered.set(entry.connection._id, entry.connection.coveredUntil);
          if (entry.type === 'audience') likes.set(entry.audience._id, entry.audience.values.likes);
        }
        const of = (name: string) => changes.get(name) ?? [];
        expect(new Map(of('gaps').map(({ id, update }) => [id, update['$max'].from.getTime()]))).toEqual(froms);
        expect(new Map(of('connections').map(({ id, update }) => [id, update['$set'].coveredUntil.getTime()]))).toEqual(
          covered,
        );
        const points = [...audienceByCollection.values()].flat();
        expect(new Map(points.map(({ point }) => [point._id, point.values.likes]))).toEqual(likes);
      }),
    ));

  it('sends nothing that names no document or no day', () => {
    const hostile = [
      ...events([chat(1, JSON.parse('{"_id":{"$gt":""}}')), chat(2, { at: -1 }), chat(3, { at: Number.NaN })]),
      { type: 'gap', gap: gap(1, JSON.parse('{"_id":null}')) } as const,
      { type: 'connection', connection: connection({ _id: '' }) } as const,
    ];
    const plan = planRange(range(hostile), NOON);
    expect(plan.impossible).toHaveLength(5);
    expect([plan.eventsByCollection.size, plan.changes.size]).toEqual([0, 0]);
  });

  it('knows the names of daily collections from all others', () => {
    expect(parseDaily('events_20260921')).toEqual({ prefix: 'events', day: '20260921' });
    for (const name of ['events_2026092', 'events_202609211', 'events', 'xevents_20260921', 'system_20260921']) {
      expect(parseDaily(name)).toBeUndefined();
    }
    expect([dayOf(0), dayOf(Date.UTC(9999, 11, 31)), dayOf(Date.UTC(10_000, 0))]).toEqual([
      '19700101',
      '99991231',
      undefined,
    ]);
  });
});
