import { expect, it, onTestFinished } from 'vitest';
import { encodeEntries } from '../../src/spool/block.js';
import { BlockSource } from '../../src/spool/block-source.js';
import { collect } from '../../src/spool/collect.js';
import { newCounters } from '../../src/spool/counters.js';
import { SpoolDatabase } from '../../src/spool/database.js';
import { Draft } from '../../src/spool/draft.js';
import { entry, MiB, newFolder } from './entries.js';

const BOUNDS = { maxEntries: 100, maxBytes: MiB };

it('takes nothing of a transaction that is on the disk already and was not told yet', async () => {
  const database = await SpoolDatabase.open(await newFolder(), MiB);
  onTestFinished(() => database.close());
  const first = new Draft(newCounters(), 1);
  const { to: last } = first.append(encodeEntries([entry(1), entry(2)]));
  await database.commit(first.finish());
  const second = new Draft(first.counters, 2);
  second.append(encodeEntries([entry(3)]));
  await database.commit(second.finish());
  const source = new BlockSource(database);
  expect(collect(source, 0, last, BOUNDS)).toMatchObject({ from: 1, to: last, entries: [entry(1), entry(2)] });
  expect(collect(source, last, last, BOUNDS)).toBeUndefined();
  expect(collect(source, 0, last + 1, BOUNDS)).toMatchObject({ from: 1, to: last + 1 });
});
