import { mkdir, mkdtemp, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { platform, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { databaseSizes } from '../../src/soak/file-sizes.js';
import type { Sample } from '../../src/soak/figures.js';
import { writePlots } from '../../src/soak/plots.js';
import { processFigures } from '../../src/soak/process-figures.js';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'barrage-soak-test-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

describe('what a soak looks at', () => {
  it('tells the log of a database from its data, and leaves out what is neither', async () => {
    await mkdir(join(folder, 'ferretdb'));
    const sizes = { 'a.sqlite': 5_000, 'a.sqlite-wal': 300, 'a.sqlite-shm': 20, 'mongo.log': 1 };
    for (const [name, bytes] of Object.entries(sizes)) {
      await writeFile(join(folder, 'ferretdb', name), '');
      await truncate(join(folder, 'ferretdb', name), bytes);
    }
    expect(await databaseSizes(folder)).toEqual({ data: 5_000, log: 300 });
    expect(await databaseSizes(join(folder, 'nothing'))).toEqual({ data: 0, log: 0 });
  });

  it.runIf(platform() === 'linux')(
    'reads a process’s memory, threads and open files, and nothing of one that is none',
    async () => {
      const figures = await processFigures(process.pid);
      expect(Object.values(figures).every((value) => value !== undefined && value > 0)).toBe(true);
      expect(figures.memoryBytes).toBeGreaterThan(10_000_000);
      const unknown = { memoryBytes: undefined, threads: undefined, openFiles: undefined, openFilesLimit: undefined };
      expect(await processFigures(undefined)).toEqual(unknown);
    },
  );

  it('draws what it saw, in units that are easy to read, and no plot of what it did not see', async () => {
    const samples: Sample[] = [0, 60, 120].map((at) => ({
      at,
      values: { 'worker memory': 4e8 + at * 1e5, 'Temporal memory': 2e8 },
    }));
    expect(await writePlots(samples, join(folder, 'plots'))).toEqual(['memory.svg', 'worker-heap.svg']);
    const svg = await readFile(join(folder, 'plots', 'memory.svg'), 'utf8');
    for (const text of ['Resident memory', 'memory (MB)', 'time (min)', 'Temporal']) expect(svg).toContain(text);
  });
});
