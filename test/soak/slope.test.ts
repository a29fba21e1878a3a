import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { median, type Point, slopeOf, trendOf } from '../../src/soak/slope.js';

/** Half an hour, a look every five seconds. */
const run = (y: (hours: number, at: number) => number): Point[] =>
  Array.from({ length: 360 }, (_, at) => ({ x: at / 720, y: y(at / 720, at) }));

describe('the slope of a figure', () => {
  it('is that of a straight line, however steep, and certain', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1e6 }), fc.boolean(), fc.integer({ max: 1e9 }), (steep, falls, from) => {
        const perHour = falls ? -steep : steep;
        const { perHour: found, low, high } = trendOf(run((x) => from + perHour * x));
        expect(found).toBeCloseTo(perHour, 2);
        expect(low * high).toBeGreaterThan(0);
      }),
    );
  });

  it('is not moved by outliers', () => {
    const outliers = run((x, at) => (at % 17 === 0 ? 1e9 : 100 * x));
    expect(slopeOf(outliers)?.perHour).toBeCloseTo(100, 0);
  });

  it('is 0 where a figure only swings, as one whose garbage is collected', () => {
    expect(trendOf(run((_, at) => 1_000 + (at % 37))).perHour).toBe(0);
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 1_000 }), { minLength: 40, maxLength: 40 }), (teeth) => {
        const { low, high } = slopeOf(run((_, at) => teeth[(at * 7) % 40] ?? 0)) ?? { low: 0, high: 0 };
        expect(low).toBeLessThanOrEqual(high);
      }),
    );
  });

  it('is 0 where a figure grew at first and then no more', () => {
    expect(trendOf(run((x) => Math.min(x, 0.3) * 1_000)).perHour).toBe(0);
  });

  it('is the flatter one of the end where growth slows down', () => {
    const slowing = trendOf(run((x) => 1_000 * Math.sqrt(x)));
    expect(slowing.perHour).toBeLessThan(slopeOf(run((x) => 1_000 * Math.sqrt(x)))?.perHour ?? 0);
    expect(slowing.perHour).toBeGreaterThan(0);
  });

  it('is not said of a handful of points', () => {
    expect(slopeOf(run((x) => x).slice(0, 5))).toBeUndefined();
    expect(slopeOf([])).toBeUndefined();
    expect(trendOf([])).toEqual({ perHour: 0, low: 0, high: 0 });
  });
});

describe('the median', () => {
  it.each([
    [[], 0],
    [[3], 3],
    [[4, 1], 2.5],
    [[9, 1, 5], 5],
  ])('of %j is %d', (values, expected) => {
    expect(median(values)).toBe(expected);
  });
});
