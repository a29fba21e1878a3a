import { constants, mkdtemp, open, rm, symlink } from 'node:fs/promises';
import { connect, createServer, type Server } from 'node:net';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { codeOf } from '../model/error-code.js';

const ANSWER_DEADLINE_MS = 1_000;
const MAX_ANSWER_CHARACTERS = 400;

/** A socket's name holds 107 bytes on Linux and 103 on macOS; a folder this long leaves room for the file's own name. */
const MAX_FOLDER_BYTES = 70;

const Holder = z.object({ pid: z.int().positive(), host: z.string().regex(/^[\w.-]{1,255}$/) });

/** The process behind a socket, as it tells itself; a pid means something only on its host, which may be a container. */
export type Holder = z.output<typeof Holder>;

/**
 * `gone`: nobody listens any more, for good, since sockets are listened on before they get their names.
 * `moved`: it went away while it was asked; look again. `silent`: somebody listens, and does not tell who.
 */
export type Answer = Holder | 'gone' | 'moved' | 'silent';

/** Listens until closed, or until the process ends in any way, and tells whoever connects who this is. Rejects with the system's error. */
export async function listen(name: string): Promise<Server> {
  const server = createServer((socket) => {
    socket.on('error', () => socket.destroy());
    const self = { pid: process.pid, host: hostname() } satisfies Holder;
    socket.end(JSON.stringify(self), () => socket.destroy()); // whoever keeps it open would hold up a release
  });
  return new Promise((resolve, reject) => {
    server.on('error', reject); // also later, when it means nothing any more: a failed accept must not end the process
    server.listen({ path: name, exclusive: true }, () => resolve(server.unref()));
  });
}

/** Asks who listens; takes a second at most. */
export async function ask(name: string): Promise<Answer> {
  return new Promise((resolve) => {
    const socket = connect(name);
    let text = '';
    const deadline = setTimeout(() => settle('silent'), ANSWER_DEADLINE_MS);
    const settle = (answer: Answer) => {
      clearTimeout(deadline);
      socket.destroy();
      resolve(answer);
    };
    socket.on('data', (chunk) => {
      text += chunk.toString('latin1');
      if (text.length > MAX_ANSWER_CHARACTERS) settle('silent');
    });
    socket.on('error', (error) => settle(meaningOf(error)));
    socket.on('end', () => settle(text === '' ? 'moved' : readAnswer(text)));
  });
}

/** Whatever else is wrong, somebody may live there. */
function meaningOf(error: Error): Answer {
  switch (codeOf(error)) {
    case 'ECONNREFUSED':
      return 'gone';
    case 'ENOENT':
    case 'ECONNRESET':
    case 'EPIPE':
      return 'moved';
    default:
      return 'silent';
  }
}

function readAnswer(text: string): Answer {
  try {
    return Holder.parse(JSON.parse(text));
  } catch {
    return 'silent';
  }
}

/** Gives `use` a path to the folder that is short enough for the names of sockets, valid until `use` is done. */
export async function throughShortPath<T>(folder: string, use: (short: string) => Promise<T>): Promise<T> {
  if (Buffer.byteLength(folder) <= MAX_FOLDER_BYTES) return use(folder);
  if (process.platform === 'linux') {
    const handle = await open(folder, constants.O_RDONLY | constants.O_DIRECTORY);
    return use(`/proc/self/fd/${handle.fd}`).finally(() => handle.close());
  }
  const place = await mkdtemp(join(tmpdir(), 'barrage-'));
  const link = join(place, 'f');
  return symlink(folder, link)
    .then(() => use(link))
    .finally(() => rm(place, { recursive: true, force: true }));
}
