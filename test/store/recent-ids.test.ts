import fc from 'fast-check';
import { expect, it } from 'vitest';
import { RecentIds } from '../../src/store/recent-ids.js';

it('knows the last ids, and no other for long', () =>
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 20 }), fc.array(fc.string()), (size, ids) => {
      const recent = new RecentIds(size);
      for (const id of ids) recent.add('a', id);
      for (const id of ids.slice(-size)) expect([recent.has('a', id), recent.has('b', id)]).toEqual([true, false]);
      const kept = [...new Set(ids)].filter((id) => recent.has('a', id)).length;
      expect(kept).toBeLessThanOrEqual(2 * size);
    }),
  ));
