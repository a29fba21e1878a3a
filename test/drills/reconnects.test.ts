import { describe, expect, it } from 'vitest';
import { attemptsTooMany, attemptsTooSoon, detectionTimes, refusedTooOften } from '../../src/drills/reconnects.js';
import { ledgerOf } from './ledger.js';

const UNTIL = 1_000_000;

const every = (ms: number, times: number): number[] => Array.from({ length: times }, (_, count) => count * ms);

describe('attempts that an endpoint refuses', () => {
  const apart = [
    { authenticatedAt: 0, closedAt: 50_000 },
    { authenticatedAt: 53_000, roomId: 1 },
    { authenticatedAt: 0, roomId: 2 },
  ];

  it('are in order where the one room without a connection keeps to the policy', () => {
    const refusals = [0, 100, 300, 700, 1_500].map((ms) => 50_000 + ms);
    expect(refusedTooOften(ledgerOf(apart, refusals), UNTIL)).toEqual([]);
  });

  it('are found where it asks again and again', () => {
    const refusals = every(200, 12).map((ms) => 50_000 + ms);
    expect(refusedTooOften(ledgerOf(apart, refusals), UNTIL)).toHaveLength(1);
  });
});

describe('attempts to connect', () => {
  it('that follow the policy are in order', () => {
    const ledger = ledgerOf([0, 100, 300, 700].map((openedAt) => ({ openedAt, closedAt: openedAt })));
    expect(attemptsTooSoon(ledger, UNTIL)).toEqual([]);
    expect(attemptsTooMany(ledger, 1, UNTIL)).toEqual([]);
  });

  it('that come too soon after a failure are found', () => {
    const hasty = ledgerOf([0, 100, 300, 310, 320].map((openedAt) => ({ openedAt, closedAt: openedAt })));
    expect(attemptsTooSoon(hasty, UNTIL).length).toBeGreaterThan(0);
  });

  it.each([
    ['in half a second', every(50, 6)],
    ['in a minute', every(4_000, 12)],
  ])('that are refused count, too: too many %s are found', (_, refusals) => {
    expect(attemptsTooMany(ledgerOf([], refusals), 1, UNTIL)).not.toEqual([]);
    expect(attemptsTooMany(ledgerOf([], refusals), 2, UNTIL)).toEqual([]);
  });
});

describe('silence', () => {
  it('lasts until the room has a connection again', () => {
    const ledger = ledgerOf([{ frozenAt: 1_000 }, { authenticatedAt: 6_500 }]);
    expect(detectionTimes(ledger, UNTIL)).toEqual([5_500]);
    expect(detectionTimes(ledgerOf([{ frozenAt: 1_000 }]), UNTIL)).toEqual([Infinity]);
  });
});
