import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { z } from 'zod';
import { blivedmVersion } from '../machine.js';
import type { Sample } from '../rounds.js';
import type { WireFrame } from './corpus.js';

/** Feeds the frames of a file (each behind its length) to the method that the client's socket loop calls, all of its handlers listened to. */
const DRIVER = `
import asyncio, json, struct, sys, time
from blivedm import handlers
from blivedm.clients import ws_base

class Handler(handlers.BaseHandler):
    heard = 0
    def handle(self, client, command):
        self.heard += 1
        super().handle(client, command)

for name in [name for name in dir(handlers.BaseHandler) if name.startswith('_on_')]:
    setattr(Handler, name, lambda self, client, message: None)

def frames(path):
    data = open(path, 'rb').read()
    at = 0
    while at < len(data):
        (size,) = struct.unpack_from('>I', data, at)
        yield data[at + 4:at + 4 + size]
        at += 4 + size

async def main(path, seconds):
    client = ws_base.WebSocketClientBase()
    handler = Handler()
    client.set_handler(handler)
    given = list(frames(path))
    for frame in given:
        await client._parse_ws_message(frame)
    handler.heard = 0
    wall, cpu = time.perf_counter(), time.process_time()
    while time.perf_counter() - wall < seconds:
        for frame in given:
            await client._parse_ws_message(frame)
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    print(json.dumps({'perSecond': handler.heard / wall, 'perCpuSecond': handler.heard / cpu}))
    await client.close()

asyncio.run(main(sys.argv[1], float(sys.argv[2])))
`;

const SECONDS = 0.5;
const Answer = z.object({ perSecond: z.number(), perCpuSecond: z.number() });

/** The client in Python. */
export class Blivedm {
  private constructor(readonly version: string) {}

  /** Nothing where Python has no such package. */
  static async find(): Promise<Blivedm | undefined> {
    const version = await blivedmVersion();
    return version === undefined ? undefined : new Blivedm(version);
  }

  async measure(frames: readonly WireFrame[], signal: AbortSignal): Promise<Sample> {
    const folder = await mkdtemp(join(tmpdir(), 'barrage-bench-'));
    try {
      const file = join(folder, 'frames');
      await writeFile(file, Buffer.concat(frames.flatMap(({ bytes }) => [lengthOf(bytes), bytes])));
      const args = ['-c', DRIVER, file, String(SECONDS)];
      const { stdout } = await promisify(execFile)('python3', args, { signal, timeout: 120_000 });
      return Answer.parse(JSON.parse(stdout));
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  }
}

function lengthOf(bytes: Buffer): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(bytes.length);
  return length;
}
