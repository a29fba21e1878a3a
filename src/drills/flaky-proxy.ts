import { once } from 'node:events';
import { createConnection, createServer, type Socket } from 'node:net';
import { type Draw, drawFrom } from '../simulator/random.js';

/** The commands that change something: only they are cut, so that the driver can always connect again. */
const WRITES = new Set(['insert', 'update', 'delete']);
const HEADER_BYTES = 16;
const OP_MSG = 2013;

/**
 * A TCP proxy between the driver and a MongoDB-speaking server, on loopback, that fails the way networks do. A cut comes after the server has answered
 * a write, and instead of that answer: what was written is there, and nobody told the client.
 */
export interface FlakyProxy {
  readonly uri: string;
  /** Writes answered, and how many of those answers were kept back. */
  readonly counts: { writes: number; cuts: number };
  /** Cuts that share (0…1) of the writes, chosen by the seed. */
  cutAfterRequest(rate: number, seed?: number): void;
  /** Holds every answer back for so long. */
  delayMs(ms: number): void;
  /** Closes all connections, and every new one at once, until `restore`. */
  refuse(): void;
  /** As if nothing had ever been asked of it. */
  restore(): void;
  close(): Promise<void>;
}

interface Faults {
  rate: number;
  random: Draw;
  delayMs: number;
  refusing: boolean;
}

export async function startFlakyProxy(targetUri: string): Promise<FlakyProxy> {
  const target = new URL(targetUri);
  const faults: Faults = { rate: 0, random: drawFrom(1), delayMs: 0, refusing: false };
  const counts = { writes: 0, cuts: 0 };
  const open = new Set<Socket>();
  const destroyAll = (): void => open.forEach((socket) => socket.destroy());
  const server = createServer((client) => {
    if (faults.refusing) return void client.destroy();
    const upstream = createConnection({ host: target.hostname, port: Number(target.port) });
    join(client, upstream, open, faults, counts);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;

  return {
    uri: `mongodb://127.0.0.1:${port}/?directConnection=true`,
    counts,
    cutAfterRequest: (rate, seed = 1) => void Object.assign(faults, { rate, random: drawFrom(seed) }),
    delayMs: (ms) => void Object.assign(faults, { delayMs: ms }),
    refuse: () => {
      faults.refusing = true;
      destroyAll();
    },
    restore: () => void Object.assign(faults, { rate: 0, delayMs: 0, refusing: false }),
    close: async () => {
      destroyAll();
      server.close();
      await once(server, 'close');
    },
  };
}

function join(client: Socket, upstream: Socket, open: Set<Socket>, faults: Faults, counts: FlakyProxy['counts']): void {
  const both = [client, upstream];
  const end = (): void => both.forEach((socket) => socket.destroy());
  for (const socket of both) {
    open.add(socket);
    socket.on('error', end).on('close', () => {
      open.delete(socket);
      end();
    });
  }
  let command = '';
  client.on(
    'data',
    messages((message) => {
      command = commandOf(message) ?? command;
      upstream.write(message);
    }),
  );
  upstream.on(
    'data',
    messages((answer) => {
      const isWrite = WRITES.has(command);
      if (isWrite) counts.writes += 1;
      if (isWrite && faults.random() < faults.rate) {
        counts.cuts += 1;
        return end();
      }
      if (faults.delayMs === 0) client.write(answer);
      else setTimeout(() => client.writable && client.write(answer), faults.delayMs);
    }),
  );
}

/** Cuts a byte stream into the protocol's messages, each of which begins with its length. */
function messages(take: (message: Buffer) => void): (chunk: Buffer) => void {
  let rest: Buffer[] = [];
  let size = 0;
  return (chunk) => {
    rest.push(chunk);
    size += chunk.length;
    const first = rest[0];
    if (size < 4 || (first && first.length >= 4 && size < first.readInt32LE(0))) return;
    let all = Buffer.concat(rest);
    while (all.length >= 4 && all.length >= all.readInt32LE(0)) {
      const length = all.readInt32LE(0);
      take(all.subarray(0, length));
      all = all.subarray(length);
    }
    rest = [all];
    size = all.length;
  };
}

/** The name of an OP_MSG's command: the first key of its first document, after the flags and the kind of section. */
function commandOf(message: Buffer): string | undefined {
  if (message.length < HEADER_BYTES + 12 || message.readInt32LE(12) !== OP_MSG) return undefined;
  const nameAt = HEADER_BYTES + 4 + 1 + 4 + 1;
  return message.toString('latin1', nameAt, message.indexOf(0, nameAt));
}
