import { describe, expect, it } from 'vitest';
import { ofStore } from '../../src/cli/status/status.js';

const NOW = new Date('2026-09-21T12:00:00Z');
const MINUTE_MS = 60_000;

/** Records that hold nothing but so many gaps of a minute. */
const recordsWith = (count: number) => ({
  recentBatches: async () => ({ latest: [], hours: [] }),
  recentGaps: async (_since: Date, limit = 0) =>
    Array.from({ length: Math.min(count, limit) }, (_, at) => ({
      _id: `after:${at}`,
      platform: 'bilibili',
      roomId: String(at),
      from: new Date(NOW.getTime() - 2 * MINUTE_MS),
      to: new Date(NOW.getTime() - MINUTE_MS),
    })),
});

describe('what status reads of MongoDB', () => {
  it('says that there may be more gaps than it adds up', async () => {
    const { holes, notes } = await ofStore(recordsWith(10_001), NOW);
    expect(holes).toMatchObject({ count: 10_000 });
    expect(notes).toEqual(['The holes are those of the latest 10,000 gaps; older ones, if any, are not in them.']);
  });

  it('says nothing of that where it adds up all of them', async () => {
    expect(await ofStore(recordsWith(3), NOW)).toMatchObject({ holes: { count: 3 }, notes: [] });
  });
});
