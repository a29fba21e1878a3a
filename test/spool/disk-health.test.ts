import { expect, it, onTestFinished, vi } from 'vitest';
import { newFolder } from './entries.js';
import { silentLog } from '../../src/model/log.js';
import { SpoolDatabase } from '../../src/spool/database.js';
import { DiskFailure } from '../../src/spool/disk-failure.js';
import { DiskHealth } from '../../src/spool/disk-health.js';

it('tries a disk that failed again, though the clock was set back meanwhile', async () => {
  const folder = await newFolder();
  const database = await SpoolDatabase.open(folder, 1024 * 1024);
  onTestFinished(() => database.close());
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date'] });
  onTestFinished(() => void vi.useRealTimers());
  const due: boolean[] = [];
  const health = new DiskHealth(
    folder,
    database,
    silentLog,
    () => due.push(health.isProbeDue()),
    () => 0,
  );
  onTestFinished(() => health.stop());
  health.fail(new DiskFailure('no space left', true, false));
  expect(health.isProbeDue()).toBe(false);
  vi.setSystemTime(Date.now() - 5);
  vi.runOnlyPendingTimers();
  expect(due).toEqual([true]);
  await health.probe();
  expect([health.failure, health.isProbeDue()]).toEqual([undefined, false]);
});
