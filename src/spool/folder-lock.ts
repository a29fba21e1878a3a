import { createHash } from 'node:crypto';
import { stat, unlink } from 'node:fs/promises';
import { connect, createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BarrageError } from '../model/errors.js';

const ANSWER_DEADLINE_MS = 1_000;

export interface FolderLock {
  release(): Promise<void>;
}

/**
 * Holds the folder for this process until it ends, however it ends. The lock is a listening socket named after the folder's inode:
 * the kernel lets one process have it, and takes it back at the moment of a SIGKILL; there is no file to go stale, no pid to be reused.
 * (Node has no flock, and LMDB lets several processes in.) On Linux it holds within one network namespace.
 * Throws `SPOOL_LOCKED`, naming the pid that the holder itself tells.
 */
export async function lockFolder(folder: string): Promise<FolderLock> {
  const { dev, ino } = await stat(folder, { bigint: true });
  const name = socketName(`${dev}-${ino}`);
  for (let attempt = 1; ; attempt += 1) {
    const server = await listen(name);
    if (server) return { release: () => new Promise((resolve) => server.close(() => resolve())) };
    const pid = await askHolder(name);
    if (pid === 'gone' && attempt <= 3) {
      // Only where sockets are files: its process died, and the file stayed. On Linux, the holder ended between the two calls.
      if (!name.startsWith('\0')) await unlink(name).catch(() => undefined);
      continue;
    }
    const holder = typeof pid === 'number' ? `process ${pid}` : 'another process';
    const facts = typeof pid === 'number' ? { folder, pid } : { folder };
    throw new BarrageError('SPOOL_LOCKED', `The spool in ${folder} is in use by ${holder}.`, facts);
  }
}

function socketName(identity: string): string {
  if (process.platform === 'linux') return `\0barrage-spool-${identity}`; // abstract: no file
  if (process.platform === 'win32') return `\\\\.\\pipe\\barrage-spool-${identity}`;
  // A socket's path has room for about a hundred bytes, which the folder's own may exceed.
  return join(tmpdir(), `barrage-${createHash('sha256').update(identity).digest('hex').slice(0, 16)}.sock`);
}

async function listen(name: string): Promise<Server | undefined> {
  const server = createServer((socket) => {
    socket.on('error', () => socket.destroy());
    socket.end(`${process.pid}\n`);
  });
  return new Promise((resolve, reject) => {
    server.once('error', (error) => {
      if ('code' in error && error.code === 'EADDRINUSE') resolve(undefined);
      else reject(error);
    });
    server.listen(name, () => resolve(server.unref()));
  });
}

async function askHolder(name: string): Promise<number | 'silent' | 'gone'> {
  return new Promise((resolve) => {
    const socket = connect(name);
    let answer = '';
    socket.setTimeout(ANSWER_DEADLINE_MS, () => socket.destroy());
    socket.on('data', (chunk) => (answer += chunk.toString('latin1').slice(0, 20)));
    socket.on('error', () => resolve('gone'));
    socket.on('close', () => resolve(/^\d{1,10}\n/.test(answer) ? Number.parseInt(answer, 10) : 'silent'));
  });
}
