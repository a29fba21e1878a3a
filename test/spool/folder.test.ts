import { chmod, mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { open } from 'lmdb';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { BlockKey } from '../../src/spool/block.js';
import { openSpool } from '../../src/spool/open-spool.js';
import { configOf, entry, EVERYTHING, newFolder, signalNow, written } from './entries.js';

const openIn = async (folder: string) => {
  const spool = await openSpool({ config: configOf(folder) });
  onTestFinished(() => spool.close());
  return spool;
};

/** What is in a folder beside its lock. */
const kept = async (folder: string) => (await readdir(folder)).filter((name) => !name.startsWith('owner.'));

describe('the folder', () => {
  it('is made for this user alone', async () => {
    const folder = join(await newFolder(), 'spool');
    await openIn(folder);
    expect((await stat(folder)).mode & 0o777).toBe(0o700);
  });

  it('is closed to other users when it was open to them', async () => {
    const folder = await newFolder();
    await chmod(folder, 0o755);
    await openIn(folder);
    expect((await stat(folder)).mode & 0o777).toBe(0o700);
  });

  it.each([
    ['has no parent', 'missing/spool', /does not exist\.$/],
    ['is a file', 'file', /is a file, not a folder\.$/],
    ['lies in a file', 'file/spool', /is no folder\.$/],
    ['holds something else', 'other', /is not empty, and holds no spool\.$/],
  ])('is refused in one sentence when it %s', async (_why, path, sentence) => {
    const parent = await newFolder();
    await writeFile(join(parent, 'file'), '');
    await mkdir(join(parent, 'other'));
    await writeFile(join(parent, 'other', 'letter.txt'), '');
    await expect(openIn(join(parent, path))).rejects.toMatchObject({
      code: 'BAD_CONFIG',
      message: expect.stringMatching(sentence),
    });
    expect(await readdir(join(parent, 'other'))).toEqual(['letter.txt']);
  });

  it.skipIf(process.getuid?.() === 0)('is refused in one sentence when this user may not write to it', async () => {
    const folder = await newFolder();
    await chmod(folder, 0o500);
    await expect(openIn(folder)).rejects.toMatchObject({
      code: 'BAD_CONFIG',
      message: expect.stringMatching(/may not be read and written by this user\.$/),
    });
  });

  it('is left alone when a newer barrage wrote it', async () => {
    const folder = await newFolder();
    await (await openIn(folder)).close();
    await writeFile(join(folder, 'format.json'), '{"format":2,"more":true}\n');
    const before = await readFile(join(folder, 'data.mdb'));
    const namesBefore = await kept(folder);
    await expect(openIn(folder)).rejects.toMatchObject({
      code: 'SPOOL_NEWER',
      message: expect.stringMatching(/^The spool in .* has format 2, and this barrage reads up to format 1\.$/),
    });
    expect(before.equals(await readFile(join(folder, 'data.mdb')))).toBe(true);
    expect(await kept(folder)).toEqual(namesBefore);
  });

  it('becomes another worker when its database was deleted', async () => {
    const folder = await newFolder();
    const first = await openIn(folder);
    await first.append([entry(1)]);
    await first.close();
    await rm(join(folder, 'data.mdb'));
    const second = await openIn(folder);
    expect(second.workerId).not.toBe(first.workerId);
    expect(second.state().nextSeq).toBe(1);
  });

  it('is locked for everybody else while it is open, with a sentence that names the process', async () => {
    const folder = await newFolder();
    const spool = await openIn(folder);
    await expect(openIn(folder)).rejects.toMatchObject({
      code: 'SPOOL_LOCKED',
      message: expect.stringMatching(new RegExp(`^The spool in .* is in use by process ${process.pid}\\.$`)),
    });
    await spool.close();
    await openIn(folder);
  });

  it('goes to exactly one of several that open it at once', async () => {
    const folder = await newFolder();
    const opened = await Promise.allSettled(Array.from({ length: 5 }, () => openIn(folder)));
    expect(opened.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  });
});

describe('a damaged block', () => {
  it('is set aside, counted and told of, and what lies before and behind it is read', async () => {
    const folder = await newFolder();
    const spool = await openIn(folder);
    for (const id of [1, 2, 3]) await spool.append([entry(`${id}.0`), entry(`${id}.1`)]);
    await spool.read(0, { ...EVERYTHING, maxEntries: 3 }, signalNow());
    await spool.acknowledge(3, written(3));
    await spool.close();
    await damageBlock(folder, 3);

    const told: string[] = [];
    const error = (_facts: object, message: string) => void told.push(message);
    const log = { debug() {}, info() {}, warn() {}, error };
    const again = await openSpool({ config: configOf(folder), log });
    onTestFinished(() => again.close());
    expect(await again.read(3, EVERYTHING, signalNow())).toMatchObject({ from: 5, to: 6 });
    expect(again.state()).toMatchObject({ depth: 2, quarantined: 1 });
    expect(told).toEqual(['Entries 3 to 4 of the spool cannot be read back, and were set aside.']);
    await again.acknowledge(6, written(6));
    expect(again.state()).toMatchObject({ depth: 0, bytes: 0, quarantined: 1 });
  });
});

async function damageBlock(folder: string, first: number): Promise<void> {
  const root = open({ path: folder, encoding: 'binary', maxDbs: 8, overlappingSync: false });
  const blocks = root.openDB<Buffer, BlockKey>({ name: 'blocks', encoding: 'binary' });
  const key = [...blocks.getKeys()].find(([start]) => start === first);
  if (!key) throw new Error(`no block begins at ${first}`);
  const value = Buffer.from(blocks.getBinary(key) ?? '');
  value[value.length - 5]! ^= 1;
  await blocks.put(key, value);
  await root.close();
}
