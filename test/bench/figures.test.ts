import { describe, expect, it } from 'vitest';
import { shown, shownSpread } from '../../src/bench/figures.js';
import { partMarkdown, tableMarkdown } from '../../src/bench/markdown.js';
import { atLeast, atMost, told } from '../../src/bench/part.js';
import { medianOf, ratioToBest } from '../../src/bench/rounds.js';
import { quantileOf, spreadOf } from '../../src/bench/statistics.js';

const spread = { median: 0.9, min: 0.7, max: 1.2 };

describe('a row', () => {
  it('that misses its target says so', () => {
    expect(atLeast('a', 0.79, 'ratio', 0.8)).toEqual({
      name: 'a',
      value: 0.79,
      unit: 'ratio',
      target: '≥ 0.8',
      ok: false,
    });
    expect(atMost('a', 20.1, 'ms', 20)).toMatchObject({ target: '≤ 20', ok: false });
  });

  it('that is just at its target reached it', () => {
    expect(atLeast('a', 100_000, 'events/s', 100_000)).toMatchObject({ target: '≥ 100,000', ok: true });
    expect(atMost('a', 20, 'ms', 20)).toMatchObject({ ok: true });
  });

  it('of several rounds is judged by the median, and keeps how far they lie apart', () => {
    expect(atLeast('a', spread, 'ratio', 0.8)).toMatchObject({ value: 0.9, ok: true, spread: { min: 0.7, max: 1.2 } });
    expect(told('a', spread, 'ratio')).toMatchObject({ target: null, ok: true, spread: { min: 0.7, max: 1.2 } });
  });

  it('that measured nothing misses any target', () => {
    expect(atLeast('a', NaN, 'ratio', 0).ok).toBe(false);
    expect(atMost('a', NaN, 'ms', 1).ok).toBe(false);
  });
});

describe('statistics', () => {
  it('give the middle, also of an even number of figures', () => {
    expect(spreadOf([3, 1, 2])).toEqual({ median: 2, min: 1, max: 3 });
    expect(spreadOf([4, 1, 3, 2]).median).toBe(2.5);
    expect(spreadOf([5])).toEqual({ median: 5, min: 5, max: 5 });
  });

  it('give a quantile between two figures', () => {
    expect(quantileOf([0, 10], 0.99)).toBeCloseTo(9.9);
    expect(() => quantileOf([], 0.5)).toThrow('no figures');
  });

  it('compare with the best of the others round by round', () => {
    const sample = (perSecond: number) => ({ perSecond, perCpuSecond: perSecond * 2 });
    const samples = new Map([
      ['own', [sample(10), sample(20), sample(30)]],
      ['a', [sample(5), sample(40), sample(10)]],
      ['b', [sample(10), sample(10), sample(15)]],
    ]);
    expect(ratioToBest(samples, 'own', ['a', 'b'], 'perSecond')).toEqual({ median: 1, min: 0.5, max: 2 });
    expect(medianOf(samples, 'a', 'perCpuSecond')).toBe(20);
    expect(() => medianOf(samples, 'c', 'perSecond')).toThrow('nobody is called c');
  });
});

describe('figures for people', () => {
  it('have as many digits as are worth reading', () => {
    expect([0.123, 12.34, 123.4, 12_345.6].map(shown)).toEqual(['0.12', '12.3', '123', '12,346']);
    expect(shownSpread(spread)).toBe('0.90 (0.70–1.20)');
  });

  it('stand in tables whose columns are even', () => {
    const table = tableMarkdown(
      ['what', 'value'],
      [
        ['a|b', '1'],
        ['c', '12'],
      ],
    );
    expect(table).toBe(['| what | value |', '|------|------:|', '| a\\|b |     1 |', '| c    |    12 |'].join('\n'));
  });

  it('show every row that missed its target, though tables stand for the others', () => {
    const rows = [atLeast('reached', 2, 'ratio', 1), atLeast('not reached', 0.5, 'ratio', 1), told('told', 1, 'ms')];
    const page = partMarkdown(
      { name: 'decode', about: 'about it' },
      { rows, tables: [{ title: 'all', head: ['x'], body: [['y']] }] },
    );
    expect(page).toContain('| not reached |  0.50 |');
    expect(page).not.toContain('told');
    expect(page).toContain('Targets reached: 1 of 2.');
  });
});
