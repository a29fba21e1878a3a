import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { platform, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { BarrageError } from '../model/errors.js';
import { run } from './run.js';

/** An engine whose parent was killed gets five seconds to end by itself, then some more for the kill. */
const GONE_WITHIN_MS = 8_000;

/** Where one engine keeps its data, one process at a time. */
export interface DataFolder {
  /** Absolute. */
  path: string;
  /** Waits for the process that had it last, and throws `ENGINE_FAILED` when that one lives on: two servers on the same files destroy them. */
  waitUntilFree(signal: AbortSignal): Promise<void>;
  /** Notes the process that has it now. */
  taken(pid: number): Promise<void>;
  /** Removes it if it was a temporary one. */
  release(): Promise<void>;
}

export async function openDataFolder(name: string, dataDir: string | undefined): Promise<DataFolder> {
  const path = dataDir === undefined ? await mkdtemp(join(tmpdir(), `barrage-${name}-`)) : resolve(dataDir);
  await mkdir(path, { recursive: true, mode: 0o700 });
  const pidFile = join(path, `${name}.pid`);
  return {
    path,
    async waitUntilFree(signal) {
      const pid = Number(await readFile(pidFile, 'utf8').catch(() => '0'));
      const until = Date.now() + GONE_WITHIN_MS;
      while (pid > 0 && (await serves(pid, path))) {
        if (Date.now() > until)
          throw new BarrageError('ENGINE_FAILED', `Process ${pid} still uses the data in ${path}; stop it first.`);
        await sleep(200, undefined, { signal });
      }
    },
    taken: (pid) => writeFile(pidFile, String(pid)),
    async release() {
      if (dataDir === undefined) await rm(path, { recursive: true, force: true, maxRetries: 3 });
      else await rm(pidFile, { force: true });
    },
  };
}

/** Whether that process has this folder on its command line; process ids are used again, so being alive is not enough. */
async function serves(pid: number, path: string): Promise<boolean> {
  if (platform() === 'win32') return false;
  const line = await run('ps', ['-ww', '-o', 'args=', '-p', String(pid)], { timeoutMs: 5_000 }).catch(() => '');
  return line.includes(path);
}
