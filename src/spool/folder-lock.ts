import { stat } from 'node:fs/promises';
import type { Server } from 'node:net';
import { hostname } from 'node:os';
import { BarrageError } from '../model/errors.js';
import type { Logger } from '../model/log.js';
import { ask, listen, type Holder } from './lock-socket.js';
import { takeFolder, type Ownership } from './owner-file.js';
import { codeOf, shownCodeOf } from '../model/error-code.js';

const ATTEMPTS = 3;

export interface FolderLock {
  release(): Promise<void>;
}

/**
 * Holds the folder for this process until it ends, however it ends: the lock is a listening socket, which the kernel closes at the moment of
 * a SIGKILL, so no pid is ever reused by mistake. (Node has no flock, and LMDB lets several processes in.) It holds between all processes of
 * one machine, containers too, but not between machines. Where the filesystem has no sockets, it warns, and holds within one container only.
 * Throws `SPOOL_LOCKED`, naming the process that the holder itself tells, or `SPOOL_FULL` or `SPOOL_FAILED` when the disk refuses the socket.
 */
export async function lockFolder(folder: string, log: Logger): Promise<FolderLock> {
  if (process.platform === 'win32') return lockOf(folder, await takeName(folder));
  const ownership = await takeFolder(folder).catch((error: unknown) => {
    throw failure(folder, error);
  });
  if (ownership !== 'impossible') return lockOf(folder, ownership);
  const lock = lockOf(folder, await takeName(folder));
  log.warn(
    { folder },
    'The filesystem of the spool folder has no sockets: processes in another container would not see that it is in use.',
  );
  return lock;
}

function lockOf(folder: string, ownership: Exclude<Ownership, 'impossible'>): FolderLock {
  if ('heldBy' in ownership) throw locked(folder, ownership.heldBy);
  return { release: () => new Promise((resolve) => ownership.own.close(() => resolve())) };
}

/** By a name that is no file, which the kernel gives to one process: on Linux, to one in each network namespace. */
async function takeName(folder: string): Promise<{ own: Server } | { heldBy: Holder | undefined }> {
  const name = await globalName(folder);
  for (let attempt = 1; ; attempt += 1) {
    const own = await listen(name).catch((error: unknown) => {
      if (codeOf(error) !== 'EADDRINUSE') throw failure(folder, error);
    });
    if (own) return { own };
    const answer = await ask(name);
    if (typeof answer === 'object') return { heldBy: answer };
    if (answer === 'silent' || attempt === ATTEMPTS) return { heldBy: undefined };
  }
}

async function globalName(folder: string): Promise<string> {
  const { dev, ino } = await stat(folder, { bigint: true });
  if (process.platform === 'linux') return `\0barrage-spool-${dev}-${ino}`;
  if (process.platform === 'win32') return `\\\\.\\pipe\\barrage-spool-${dev}-${ino}`;
  throw new BarrageError('BAD_CONFIG', `The filesystem of the spool folder ${folder} has no sockets.`, { folder });
}

function locked(folder: string, holder: Holder | undefined): BarrageError {
  if (!holder)
    return new BarrageError('SPOOL_LOCKED', `The spool in ${folder} is in use by another process.`, { folder });
  const where = holder.host === hostname() ? '' : ` on ${holder.host}`;
  const message = `The spool in ${folder} is in use by process ${holder.pid}${where}.`;
  return new BarrageError('SPOOL_LOCKED', message, { folder, ...holder });
}

function failure(folder: string, error: unknown): BarrageError {
  const code = shownCodeOf(error);
  if (code === 'ENOSPC' || code === 'EDQUOT')
    return new BarrageError('SPOOL_FULL', `The disk that holds the spool ${folder} is full.`, { folder });
  return new BarrageError('SPOOL_FAILED', `The spool folder ${folder} cannot be locked (${code}).`, { folder });
}
