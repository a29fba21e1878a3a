import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { atLeast, atMost, type Part, type PartOutcome } from '../../src/bench/part.js';
import { Pages, runParts } from '../../src/bench/run-parts.js';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'barrage-test-'));
  vi.spyOn(process.stdout, 'write').mockReturnValue(true);
  vi.spyOn(process.stderr, 'write').mockReturnValue(true);
});
afterEach(async () => {
  vi.restoreAllMocks();
  await rm(folder, { recursive: true });
});

const part = (name: string, ...steps: (PartOutcome | Error | (() => void))[]): Part => ({
  name,
  about: `about ${name}`,
  async *run() {
    for (const step of steps) {
      if (step instanceof Error) throw step;
      if (typeof step === 'function') step();
      else yield await Promise.resolve(step);
    }
  },
});

const run = (parts: Part[], signal = new AbortController().signal) =>
  runParts(parts, { seed: 1, env: {}, signal }, new Pages(folder));

const good: PartOutcome = { rows: [atLeast('a', 2, 'ratio', 1)] };
const missed: PartOutcome = { rows: [atMost('b', 2, 'ms', 1)] };

describe('parts of the benchmark', () => {
  it('are ok where every target of every step was reached', async () => {
    expect(await run([part('one', good, good), part('two', good, missed)])).toMatchObject([
      { part: 'one', ok: true, rows: [{ name: 'a' }, { name: 'a' }] },
      { part: 'two', ok: false, rows: [{ ok: true }, { name: 'b', ok: false }] },
    ]);
  });

  it('that measured nothing are not ok', async () => {
    expect(await run([part('one')])).toEqual([{ part: 'one', ok: false, rows: [] }]);
  });

  it('that fail keep what they had measured, say why, and do not keep the next from running', async () => {
    const results = await run([part('one', good, new Error('the disk is gone')), part('two', good)]);
    expect(results).toMatchObject([
      { part: 'one', ok: false, rows: [{ name: 'a' }], failure: 'the disk is gone' },
      { part: 'two', ok: true },
    ]);
    const page = await readFile(join(folder, 'bench.md'), 'utf8');
    expect(page).toContain('NOT MEASURED to its end: the disk is gone.');
    expect(page).toContain('## two');
  });

  it('that an interrupt keeps from beginning are told as not ok', async () => {
    const ending = new AbortController();
    const results = await run([part('one', good, () => ending.abort()), part('two', good)], ending.signal);
    expect(results).toEqual([
      { part: 'one', ok: true, rows: good.rows },
      { part: 'two', ok: false, rows: [], failure: 'it was not begun' },
    ]);
  });

  it('that an interrupt ends say so, whatever failed for it', async () => {
    const ending = new AbortController();
    const interrupt = (): void => ending.abort(new Error('it was interrupted'));
    const results = await run([part('one', good, interrupt, new Error('the operation was aborted'))], ending.signal);
    expect(results).toMatchObject([{ part: 'one', ok: false, rows: good.rows, failure: 'it was interrupted' }]);
  });

  it('have one table and one note of each kind, whatever the number of steps', async () => {
    const step = (line: string): PartOutcome => ({
      ...good,
      notes: ['a note'],
      tables: [{ title: 'loads', head: ['load'], body: [[line]] }],
      pictures: [{ file: `${line}.svg`, svg: line }],
    });
    await run([part('one', step('first'), step('second'))]);
    const page = await readFile(join(folder, 'bench.md'), 'utf8');
    expect(page.match(/\*\*loads\*\*/g)).toHaveLength(1);
    expect(page.match(/a note/g)).toHaveLength(1);
    expect(page).toMatch(/\| first +\|\n\| second +\|/);
    expect(await readFile(join(folder, 'second.svg'), 'utf8')).toBe('second');
  });
});
