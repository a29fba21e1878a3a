import { open } from 'lmdb';
import { expect, it } from 'vitest';
import { openSpool } from '../../src/spool/open-spool.js';
import { configOf, entry, EVERYTHING, newFolder, signalNow, written } from './entries.js';

const WRITES = 200;

const partsIn = async (folder: string): Promise<string[]> => {
  const root = open({ path: folder, encoding: 'binary', maxDbs: 8, overlappingSync: false });
  const keys = [...root.openDB<string, string>({ name: 'batches', encoding: 'string' }).getKeys()];
  await root.close();
  return keys;
};

it('adds up a batch of many writes over restarts, in few parts, and forgets all of them', async () => {
  const folder = await newFolder();
  const config = configOf(folder);
  let spool = await openSpool({ config });
  await spool.append(Array.from({ length: WRITES }, (_, at) => entry(at)));
  for (let to = 1; to <= WRITES; to += 1) {
    if (to % 37 === 1) {
      await spool.close();
      expect((await partsIn(folder)).length).toBeLessThanOrEqual(65);
      spool = await openSpool({ config });
      await spool.read(to - 1, EVERYTHING, signalNow());
    }
    await spool.acknowledge(to, written(to));
    if (to === 5) await spool.acknowledge(to, { ...written(to, 'wtest:2'), rooms: {} });
  }
  const { events, writes, lastSeq, rooms = {} } = spool.batch('wtest:1') ?? {};
  expect({ events, writes, lastSeq }).toEqual({ events: WRITES, writes: WRITES, lastSeq: WRITES });
  expect(Object.values(rooms).reduce((sum, count) => sum + count, 0)).toBe(WRITES);
  expect(rooms['bilibili:0']).toBe(Math.floor(WRITES / 7));
  await spool.forgetBatch('wtest:1');
  expect(spool.batch('wtest:1')).toBeUndefined();
  expect(spool.batch('wtest:2')).toMatchObject({ events: 1 });
  await spool.forgetBatch('wtest:2');
  await spool.close();
  expect(await partsIn(folder)).toEqual([]);
});

it('goes on with a batch that an earlier version wrote whole, under its id', async () => {
  const folder = await newFolder();
  const config = configOf(folder);
  let spool = await openSpool({ config });
  await spool.append([entry(1)]);
  await spool.close();
  const root = open({ path: folder, encoding: 'binary', maxDbs: 8, overlappingSync: false });
  const batches = root.openDB<string, string>({ name: 'batches', encoding: 'string' });
  await batches.put('wtest:1', JSON.stringify({ ...written(0, 'wtest:1', 41), lastSeq: 0 }));
  await root.close();
  spool = await openSpool({ config });
  await spool.read(0, EVERYTHING, signalNow());
  await spool.acknowledge(1, written(1));
  expect(spool.batch('wtest:1')).toMatchObject({ events: 42, lastSeq: 1 });
  await spool.forgetBatch('wtest:1');
  await spool.close();
  expect(await partsIn(folder)).toEqual([]);
});
