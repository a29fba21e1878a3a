import { describe, expect, it } from 'vitest';
import { checkGaps, type RecordedHole } from '../../src/drills/gap-check.js';
import { without } from '../../src/drills/intervals.js';
import { ledgerOf } from './ledger.js';

const hole = (from: number, to?: number): RecordedHole => ({
  _id: 'after:w.a',
  roomId: '1',
  from: new Date(from),
  previousConnectionId: 'w.a',
  nextConnectionId: 'w.b',
  ...(to !== undefined && { to: new Date(to) }),
});

const twoConnections = ledgerOf([
  { authenticatedAt: 10_000, closedAt: 20_000 },
  { authenticatedAt: 25_000, closedAt: 40_000 },
]);
const NOTHING = new Map<string, { first: number; last: number }>();

describe('the check of gaps', () => {
  it('finds nothing wrong where the hole between two connections is recorded, and the one after the load is open', () => {
    const holes = [hole(20_000, 25_000), { ...hole(40_000), _id: 'after:w.b' }];
    expect(checkGaps(twoConnections, holes, NOTHING, 50_000)).toEqual({
      trueMs: 15_000,
      recordedMs: 15_000,
      unrecordedMs: 0,
      falseMs: 0,
      longerByMs: 0,
      examples: [],
    });
  });

  it('finds a hole that nobody wrote down, and one that was written down too short', () => {
    expect(checkGaps(twoConnections, [], NOTHING, 40_000)).toMatchObject({ unrecordedMs: 5_000 });
    expect(checkGaps(twoConnections, [hole(20_000, 23_000)], NOTHING, 40_000)).toMatchObject({ unrecordedMs: 2_000 });
    // A message may be under way for a second, not for two.
    expect(checkGaps(twoConnections, [hole(22_000, 25_000)], NOTHING, 40_000)).toMatchObject({ unrecordedMs: 1_000 });
  });

  it('asks for no record of time in which nobody was live, and minds no connection meanwhile', () => {
    const offline = [hole(12_000, 25_000)];
    expect(checkGaps(twoConnections, [], NOTHING, 40_000, offline)).toMatchObject({ unrecordedMs: 0, falseMs: 0 });
    expect(checkGaps(twoConnections, [], NOTHING, 40_000)).toMatchObject({ unrecordedMs: 5_000 });
  });

  it('counts a half-open connection as a hole from the moment it fell silent', () => {
    const ledger = ledgerOf([{ authenticatedAt: 10_000, frozenAt: 15_000 }, { authenticatedAt: 25_000 }]);
    expect(checkGaps(ledger, [hole(15_000, 25_000)], NOTHING, 40_000)).toMatchObject({
      trueMs: 10_000,
      unrecordedMs: 0,
    });
    expect(checkGaps(ledger, [hole(20_000, 25_000)], NOTHING, 40_000)).toMatchObject({ unrecordedMs: 4_000 });
  });

  it('finds a gap in which the very connections at its sides delivered', () => {
    const spans = new Map([
      ['w.a', { first: 10_000, last: 21_000 }],
      ['w.b', { first: 24_500, last: 39_000 }],
      ['w.c', { first: 20_000, last: 25_000 }], // another one's events are no contradiction
    ]);
    expect(checkGaps(twoConnections, [hole(20_000, 25_000)], spans, 40_000)).toMatchObject({ falseMs: 1_500 });
    expect(checkGaps(twoConnections, [hole(25_000, 20_000)], spans, 40_000)).toMatchObject({ falseMs: 0 });
  });
});

describe('a gap that is much longer than the platform was without a connection', () => {
  const long = ledgerOf([
    { authenticatedAt: 10_000, closedAt: 60_000 },
    { authenticatedAt: 65_000, closedAt: 120_000 },
  ]);

  it.each([
    ['that begins too early', hole(40_000, 65_000), 20_000],
    ['that ends too late', hole(60_000, 80_000), 15_000],
    ['that was left open', hole(60_000), 55_000],
    ['that ends before it begins', hole(65_000, 40_000), 20_000],
  ])('is false: one %s', (_, wrong, falseMs) => {
    expect(checkGaps(long, [wrong], NOTHING, 130_000)).toMatchObject({ falseMs, longerByMs: falseMs });
  });

  it('may be longer by what a quiet room tells of itself', () => {
    expect(checkGaps(long, [hole(56_000, 65_000)], NOTHING, 130_000)).toMatchObject({ falseMs: 0, longerByMs: 4_000 });
  });
});

describe('intervals', () => {
  it('leave what no part covers', () => {
    expect(without([[0, 10]], [[2, 3], [3, 5], [9, 20]])).toEqual([[0, 2], [5, 9]]); // prettier-ignore
    expect(without([[0, 10]], [[-5, 15]])).toEqual([]);
  });
});
