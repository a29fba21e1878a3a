import { describe, expect, it } from 'vitest';
import type { FigureName, Limits, Sample } from '../../src/soak/figures.js';
import { quantity } from '../../src/soak/quantity.js';
import { tableOf } from '../../src/soak/table.js';
import { type Figure, judge } from '../../src/soak/verdict.js';

const GB = 1e9;
const limits: Limits = { memoryBytes: 8 * GB, diskBytes: 100 * GB, openFiles: 1_000, spoolBytes: 10 * GB };

/** An hour of one figure, a look every ten seconds. */
const seen = (name: FigureName, value: (hours: number) => number): Sample[] =>
  Array.from({ length: 360 }, (_, at) => ({ at: at * 10, values: { [name]: value(at / 360) } }));

function figureOf(name: FigureName, value: (hours: number) => number): Figure {
  const [figure, ...others] = judge(seen(name, value), limits);
  expect(others).toEqual([]);
  if (figure === undefined) throw new Error('nothing was said');
  return figure;
}

describe('the verdict of a soak', () => {
  it('is not ok where memory grows so that it would be full within 30 days, and says when', () => {
    const leak = figureOf('worker memory', (hours) => GB + 0.1 * GB * hours);
    expect(leak).toMatchObject({ ok: false, explained: null, limit: 8 * GB });
    expect(leak.perHour).toBeCloseTo(0.1 * GB, -3);
    expect(leak.fullInHours).toBeCloseTo(69, 0);
    expect(leak.in30Days).toBeCloseTo(73.1 * GB, -8);
  });

  it('is ok where what grows would not matter within 30 days', () => {
    expect(figureOf('worker memory', (hours) => GB + 1e6 * hours)).toMatchObject({ ok: true, fullInHours: null });
  });

  it('takes the archive to grow for ever, which is ok, and says when the disk is full', () => {
    const archive = figureOf('MongoDB database', (hours) => GB * hours);
    expect(archive).toMatchObject({ ok: true, explained: expect.stringContaining('archive') });
    expect(archive.fullInHours).toBeCloseTo(99, 0);
  });

  it('takes Temporal’s database to grow for its retention, and no longer', () => {
    const small = figureOf('Temporal database', (hours) => GB * hours);
    expect(small).toMatchObject({ ok: true, fullInHours: null, explained: expect.stringContaining('retention') });
    expect(small.in30Days).toBeCloseTo(25.5 * GB, -8);
    // Where even that does not fit, it is not ok.
    expect(figureOf('Temporal database', (hours) => 10 * GB * hours).ok).toBe(false);
  });

  it('takes a history to grow up to where it is begun anew, and finds one that does not', () => {
    expect(figureOf('longest history', (hours) => 400 * hours)).toMatchObject({ ok: true, in30Days: 20_000 });
    expect(figureOf('longest history', (hours) => 30_000 + 400 * hours)).toMatchObject({ ok: false, explained: null });
  });

  it('does not take what falls to fall on', () => {
    expect(figureOf('worker memory', (hours) => GB * (2 - hours))).toMatchObject({
      ok: true,
      in30Days: expect.closeTo(GB, -8),
    });
  });
});

describe('the table', () => {
  it('says in a line what becomes of a figure, and below why it may grow', () => {
    const lines = tableOf(
      judge(
        seen('Temporal database', (hours) => GB * (1 + hours)),
        limits,
      ),
    );
    expect(lines[2]).toMatch(
      /^\| Temporal database \|\s+1 GB \| 2 GB \|\s+\+1 GB \|\s+26\.5 GB \| 100 GB \|\s+\| explained \|$/,
    );
    expect(lines.at(-1)).toMatch(/^Temporal database: what has ended is kept/);
  });

  it.each([
    [1_234, 'events', '1,234'],
    [45_678_901, 'bytes', '45.7 MB'],
    [0.0123, 'seconds', '12.3 ms'],
    [0, 'bytes', '0 B'],
  ] as const)('writes %d %s as %s', (value, unit, text) => {
    expect(quantity(value, unit)).toBe(text);
  });
});
