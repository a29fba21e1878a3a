import { spawnSync } from 'node:child_process';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { openSpool } from '../../src/spool/open-spool.js';
import { configOf, connection, entry, EVERYTHING, idOf, newFolder, signalNow, written } from './entries.js';

/** A disk of 32 MiB, where this user may have one. */
function mountSmallDisk(folder: string): boolean {
  if (spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=32m', 'barrage-test', folder]).status !== 0) return false;
  onTestFinished(() => void spawnSync('umount', [folder]));
  return true;
}

async function fillDisk(folder: string): Promise<void> {
  const ballast = join(folder, 'ballast');
  for (const size of [1024 * 1024, 4096])
    await vi.waitUntil(
      () =>
        writeFile(ballast, Buffer.alloc(size), { flag: 'a' }).then(
          () => false,
          () => true,
        ),
      {
        timeout: 20_000,
        interval: 0,
      },
    );
}

const recovered = { timeout: 10_000, interval: 20 };

describe('a full disk', () => {
  it(
    'refuses appends, keeps nothing of them, still takes records and acknowledgements, and recovers by itself',
    { timeout: 60_000 },
    async ({ skip }) => {
      const disk = await newFolder();
      if (!mountSmallDisk(disk)) return skip('needs the right to mount a small disk');
      const config = configOf(join(disk, 'spool'));
      const spool = await openSpool({ config });
      onTestFinished(() => spool.close());
      await fillDisk(disk);

      const accepted: string[] = [];
      const append = async (id: string) => {
        await spool.append([entry(id, 'x'.repeat(100_000))]);
        accepted.push(`bilibili:1:${id}`);
      };
      await expect(async () => {
        for (let at = 0; at < 1000; at += 1) await append(String(at));
      }).rejects.toMatchObject({ code: 'SPOOL_FULL' });
      expect(spool.state()).toMatchObject({ level: 'failed', depth: accepted.length });
      await spool.finish('wtest.1', [{ type: 'connection', connection: connection('wtest.1') }]);

      await rm(join(disk, 'ballast'));
      await vi.waitUntil(() => spool.state().level === 'ok', recovered);
      await append('after');

      await fillDisk(disk);
      await expect(async () => {
        for (let at = 0; at < 1000; at += 1) await append(`again.${at}`);
      }).rejects.toMatchObject({ code: 'SPOOL_FULL' });
      const range = await spool.read(0, EVERYTHING, signalNow());
      expect(range?.entries.map(idOf).filter((id) => id !== 'connection')).toEqual(accepted);
      for (let to = 1; to <= accepted.length + 1; to += 1) await spool.acknowledge(to, written(to));
      // The disk is as full as before, but the file has room within.
      await vi.waitUntil(() => spool.state().level === 'ok', recovered);
      await append('at last');

      await spool.close();
      const again = await openSpool({ config });
      onTestFinished(() => again.close());
      const last = await again.read(again.state().ackedSeq, EVERYTHING, signalNow());
      expect(last?.entries.map(idOf)).toEqual(['bilibili:1:at last']);
    },
  );
});
