import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { countStolenTime } from '../../src/bench/system/stolen-time.js';

let folder: string;
let account: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'barrage-stolen-'));
  account = join(folder, 'stat');
});
afterEach(() => rm(folder, { recursive: true }));

/** As the kernel writes it: user, nice, system, idle, waiting for disks, two kinds of interrupts, stolen, and two of guests. */
const statOf = (all: string) => `cpu  ${all}\ncpu0 1 1 1 1 1 1 1 999 0 0\nctxt 5\n`;

it('tells what of the processors the host took away since it began to count', async () => {
  await writeFile(account, statOf('100 0 50 800 10 0 5 35 7 7'));
  const stolen = await countStolenTime(account);
  await writeFile(account, statOf('160 0 60 810 10 0 5 55 70 7'));
  expect(await stolen()).toBeCloseTo(0.2, 9);
});

it('tells nothing where there is no such file', async () => {
  const stolen = await countStolenTime(account);
  expect(await stolen()).toBeUndefined();
});

it('tells nothing where the kernel is too old to say', async () => {
  await writeFile(account, 'cpu  100 0 50 800\n');
  const stolen = await countStolenTime(account);
  await writeFile(account, 'cpu  160 0 60 810\n');
  expect(await stolen()).toBeUndefined();
});
