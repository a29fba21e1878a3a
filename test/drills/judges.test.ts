import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Comparison } from '../../src/drills/compare.js';
import { outOfOrder, type Classes } from '../../src/drills/disk-full.js';
import { RequestWatch } from '../../src/drills/request-watch.js';
import { complaintsOf } from '../../src/drills/run-drill.js';
import { handovers } from '../../src/drills/worker-roll.js';
import { ledgerOf } from './ledger.js';

const GOOD: Comparison = {
  reconciliation: {
    sent: 10,
    accepted: 10,
    shed: 0,
    undecodable: 2,
    stored: 10,
    lost: 0,
    duplicates: 0,
    mismatched: 0,
    invented: 0,
    missingInGaps: 0,
    missingInCutFrames: 0,
    missingAtClose: 0,
    hostile: 2,
    gaps: 0,
    reconnects: 0,
    p50Ms: 1,
    p99Ms: 1,
    maxMs: 1,
    examples: [],
  },
  gaps: { trueMs: 0, recordedMs: 0, unrecordedMs: 0, falseMs: 0, longerByMs: 0, examples: [] },
  records: { connections: [], gaps: [], sessions: [], batches: [] },
  unexplainedMs: 0,
};
const good = (): Comparison => ({
  ...GOOD,
  records: {
    ...GOOD.records,
    batches: [
      {
        _id: 'w:1',
        workerId: 'w',
        firstSeq: 1,
        lastSeq: 10,
        entries: 10,
        events: 10,
        inserted: 10,
        duplicates: 0,
        bytes: 1,
        writes: 1,
        kinds: {},
        startedAt: new Date(0),
      },
    ],
  },
});
const fault = { at: 0, since: 0, recoveredAt: 1 };

describe('a drill', () => {
  it('is as promised where nothing is wrong', () => {
    expect(complaintsOf(good(), [fault])).toEqual([]);
  });

  it.each([
    [{ lost: 1 }, '1 events were lost'],
    [{ duplicates: 1 }, '1 were stored twice'],
    [{ mismatched: 1 }, '1 have a wrong field'],
    [{ invented: 1 }, '1 were never sent'],
    [{ shed: 1 }, '1 were shed, though the spool had room'],
    [{ undecodable: 1 }, '2 harmful messages came, and 1 are counted'],
    [{ accepted: 11 }, '11 events were accepted, and 10 left the spools'],
  ])('is not with %j', (wrong, complaint) => {
    const { reconciliation, ...rest } = good();
    expect(complaintsOf({ ...rest, reconciliation: { ...reconciliation, ...wrong } }, [fault])).toEqual([complaint]);
  });

  it('is not where a gap is missing or not true, or a fault was never over', () => {
    const gaps = { ...GOOD.gaps, unrecordedMs: 1, falseMs: 2 };
    expect(complaintsOf({ ...good(), gaps, unexplainedMs: 3 }, [{ at: 0, since: 0 }])).toHaveLength(4);
  });
});

describe('shedding', () => {
  const classes = (...shares: [from: number, accepted: number, shed: number][]): Classes =>
    new Map(shares.map(([from, accepted, shed]) => [from, { accepted, shed }]));

  it('is in order where the cheapest went first', () => {
    expect(outOfOrder(classes([0.95, 100, 900], [0.97, 400, 600], [1, 90, 10]))).toEqual([]);
  });

  it.each([
    ['all kinds go alike', classes([0.95, 500, 500], [0.97, 500, 500], [1, 50, 50])],
    ['the dear ones go first', classes([0.95, 900, 100], [0.97, 500, 500], [1, 10, 90])],
    ['one dearer kind goes before the cheapest', classes([0.95, 500, 500], [0.97, 900, 100], [1, 10, 990])],
  ])('is not where %s', (_, wrong) => {
    expect(outOfOrder(wrong)).toHaveLength(1);
  });
});

describe('the budget of requests', () => {
  beforeEach(() => void vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval', 'performance'] }));
  afterEach(() => void vi.useRealTimers());

  it.each([
    [10, 0],
    [30, 1],
  ])('with %i requests a second has %i complaints', (aSecond, complaints) => {
    const requests = new Map([['/', 0]]);
    const watch = new RequestWatch({ api: { requests } });
    for (let step = 1; step <= 100; step += 1) {
      requests.set('/', Math.floor((step * aSecond) / 10));
      vi.advanceTimersByTime(100);
    }
    watch.stop();
    expect(watch.beyond({ requestsPerSecond: 10, burst: 20 })).toHaveLength(complaints);
  });
});

describe('handovers', () => {
  it('are as long as each room had no connection after one was closed in good order', () => {
    const ledger = ledgerOf([
      { authenticatedAt: 1, closedAt: 1_000, closedBy: 'client' },
      { authenticatedAt: 4_000, closedAt: 5_000, closedBy: 'fault' },
      { authenticatedAt: 9_000, closedAt: 9_500, closedBy: 'client' },
    ]);
    expect(handovers(ledger, { from: 0, to: 10_000 })).toEqual([3_000, Infinity]);
  });
});
