import { BSON, MongoNetworkError, MongoServerError } from 'mongodb';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { storeEach, unfitValue } from '../../src/store/store-each.js';

const nothing = (): undefined => undefined;

/** A server that refuses a whole command for one bad document in it. */
const refusing = (bad: ReadonlySet<number>, fail: () => Error) => {
  const stored: number[] = [];
  const send = async (items: readonly number[]) => {
    if (items.some((item) => bad.has(item))) throw fail();
    stored.push(...items);
    return { duplicates: [], refused: [] };
  };
  return { stored, send };
};

describe('storing each', () => {
  it('finds exactly the documents that a server refuses, wherever they are, and stores the others in order', () =>
    fc.assert(
      fc.asyncProperty(fc.uniqueArray(fc.nat(60), { minLength: 1 }), fc.array(fc.nat(60)), async (items, bad) => {
        const poison = new Set(bad);
        const { stored, send } = refusing(poison, () => new BSON.BSONError('no'));
        const good = items.filter((item) => !poison.has(item));
        const outcome = storeEach(items, send, nothing);
        if (good.length === 0 && items.length >= 32)
          return expect(outcome).rejects.toMatchObject({ code: 'STORE_REFUSED' });
        expect((await outcome).refused.map(({ item }) => item)).toEqual(items.filter((item) => poison.has(item)));
        expect(stored).toEqual(good);
      }),
    ));

  it('throws when the server hangs up and no document explains it', async () => {
    const { send } = refusing(new Set([2]), () => new MongoNetworkError('closed'));
    await expect(storeEach([1, 2], send, nothing)).rejects.toThrow('closed');
    const outcome = await storeEach([1, 2], send, (item) => (item === 2 ? 'it is two' : undefined));
    expect(outcome.refused).toEqual([{ item: 2, reason: 'it is two' }]);
  });

  it('does not blame documents for the state of the server', async () => {
    for (const code of [1, 13, 91, 10_107, 14_031]) {
      const { send, stored } = refusing(new Set([1]), () => new MongoServerError({ message: 'no', code }));
      await expect(storeEach([1, 2], send, nothing)).rejects.toMatchObject({ code });
      expect(stored).toEqual([]);
    }
  });

  it('blames the server that refuses every one of many documents', async () => {
    const all = Array.from({ length: 32 }, (_, i) => i);
    const send = async () => ({ duplicates: [], refused: all.map((index) => ({ index, reason: 'validator' })) });
    await expect(storeEach(all, send, nothing)).rejects.toMatchObject({ code: 'STORE_REFUSED' });
  });

  it('says where a value is that no server is certain to take', () => {
    expect(unfitValue({ a: [1, { b: Number.NaN }] })).toBe('a.1.b is NaN');
    expect(unfitValue({ at: new Date(Number.NaN) })).toBe('at is no date');
    expect(unfitValue({ a: null, b: 'NaN', c: [0, -1.5], at: new Date() })).toBeUndefined();
  });
});
