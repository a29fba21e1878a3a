/**
 * Who owns a folder, told by sockets in it: `owner.1`, `owner.2`, and so on. The one with the highest number decides. Its process listens, and
 * owns the folder; or connecting to it is refused, and the next number is free.
 *
 * - A socket listens before `link` gives it its number, so one that refuses is dead and stays so, and `link` gives a number to one process only.
 * - The highest number is never removed, not even by a clean end. So a slow process that saw the folder long ago can at most link a number
 *   below the highest; it looks again after the link, and withdraws. (Replacing one file of a fixed name has no such safety: the slow process
 *   would take away the name of a new owner that it never saw.)
 * - Sockets that are files are found by inode, from every container of this kernel; abstract ones only from within one network namespace.
 *   Other machines that mount the same folder see sockets that refuse, so the lock does not hold between machines.
 */
import { randomBytes } from 'node:crypto';
import { link, readdir, unlink } from 'node:fs/promises';
import type { Server } from 'node:net';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { ask, listen, throughShortPath, type Holder } from './lock-socket.js';
import { codeOf } from '../model/error-code.js';

const NAME = /^owner\.([1-9]\d{0,14})$/;
const BEGUN = /^owner\.new-[0-9a-f]{16}$/;

const GIVE_UP_AFTER_MS = 5_000;
const RETRY_MS = 5;

/** Whether a file of a folder belongs to its lock. */
export const isOwnerFile = (name: string): boolean => NAME.test(name) || BEGUN.test(name);

/** `own`: the folder is this process's until the server is closed. */
export type Ownership = { own: Server } | { heldBy: Holder | undefined } | 'impossible';

/** Takes the folder, or tells who has it; `impossible` where the filesystem has no sockets that can be found. Rejects with the system's error. */
export async function takeFolder(folder: string): Promise<Ownership> {
  return throughShortPath(folder, async (short) => {
    const giveUpAt = performance.now() + GIVE_UP_AFTER_MS;
    do {
      const top = await highest(folder);
      const answer = top === 0 ? 'gone' : await ask(join(short, nameOf(top)));
      if (typeof answer === 'object') return { heldBy: answer };
      if (answer === 'silent') return { heldBy: undefined };
      const outcome = answer === 'gone' ? await claim(folder, short, top + 1) : 'lost';
      if (outcome !== 'lost') return outcome;
      await pause(RETRY_MS); // another one was faster
    } while (performance.now() < giveUpAt);
    return { heldBy: undefined };
  });
}

const nameOf = (number: number) => `owner.${number}`;

async function highest(folder: string): Promise<number> {
  return Math.max(0, ...(await readdir(folder)).map((name) => Number(NAME.exec(name)?.[1] ?? 0)));
}

async function claim(folder: string, short: string, number: number): Promise<Ownership | 'lost'> {
  const begun = `owner.new-${randomBytes(8).toString('hex')}`;
  const server = await listen(join(short, begun)).catch(unlessUnsupported);
  if (!server) return 'impossible';
  const outcome = await publish(folder, short, begun, number).catch((error: unknown) => {
    server.close();
    throw error;
  });
  if (outcome === 'own') return { own: server };
  server.close();
  return outcome;
}

async function publish(folder: string, short: string, begun: string, number: number) {
  const name = join(folder, nameOf(number));
  try {
    const linked = await link(join(folder, begun), name).then(() => 'linked' as const, unlessLost);
    if (linked !== 'linked') return linked ?? ('impossible' as const);
  } finally {
    await unlink(join(folder, begun)).catch(() => undefined);
  }
  if ((await highest(folder)) > number) {
    await unlink(name).catch(() => undefined);
    return 'lost' as const;
  }
  await removeDead(folder, short, number);
  return (await ask(join(short, nameOf(number)))) === 'gone' ? ('impossible' as const) : ('own' as const);
}

/** Those of earlier owners, and of processes that were killed on the way; one on its way finds its file gone, and looks again. */
async function removeDead(folder: string, short: string, below: number): Promise<void> {
  for (const name of await readdir(folder)) {
    const number = Number(NAME.exec(name)?.[1] ?? Infinity);
    if (number < below || (BEGUN.test(name) && (await ask(join(short, name))) === 'gone'))
      await unlink(join(folder, name)).catch(() => undefined);
  }
}

function unlessUnsupported(error: unknown): undefined {
  const code = codeOf(error);
  if (code === 'EPERM' || code === 'ENOTSUP' || code === 'EOPNOTSUPP' || code === 'ENOSYS' || code === 'EINVAL') return;
  throw error;
}

function unlessLost(error: unknown): 'lost' | undefined {
  const code = codeOf(error);
  // ENOENT: the owner took this for a dead one, between bind and listen.
  return code === 'EEXIST' || code === 'ENOENT' ? 'lost' : unlessUnsupported(error);
}
