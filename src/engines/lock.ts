import { mkdir, rm, stat, utimes } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { codeOf } from '../model/error-code.js';

/** A holder touches its lock every 2 s; one not touched for 15 s belonged to a process that died. */
const TOUCH_EVERY_MS = 2_000;
const STALE_AFTER_MS = 15_000;
const ASK_EVERY_MS = 250;

/**
 * Runs `work` while no other process of this machine holds the same lock; waits for it without a limit of its own, the holder's work has one.
 * A folder is the lock: making one is atomic on every file system. Two that clear away a dead one in the same moment may both get in, so the work
 * must bear that: here it ends in an atomic rename.
 */
export async function withLock<T>(
  path: string,
  signal: AbortSignal,
  onWait: () => void,
  work: () => Promise<T>,
): Promise<T> {
  for (let waited = false; !(await take(path));) {
    if (!waited) onWait();
    waited = true;
    await sleep(ASK_EVERY_MS, undefined, { signal });
  }
  const touch = setInterval(() => void utimes(path, new Date(), new Date()).catch(() => undefined), TOUCH_EVERY_MS);
  try {
    return await work();
  } finally {
    clearInterval(touch);
    await rm(path, { recursive: true, force: true });
  }
}

async function take(path: string): Promise<boolean> {
  const taken = await mkdir(path).then(
    () => true,
    (error: unknown) => {
      if (codeOf(error) === 'EEXIST') return false;
      throw error;
    },
  );
  if (taken) return true;
  const touchedAt = await stat(path).then(
    (stats) => stats.mtimeMs,
    () => Date.now(),
  );
  if (Date.now() - touchedAt > STALE_AFTER_MS) await rm(path, { recursive: true, force: true });
  return false;
}
