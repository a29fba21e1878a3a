import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { existsSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { heartbeatReply, jsonPacket, OPERATION } from '../../src/simulator/packets.js';
import { startSimulator, type Simulator } from '../../src/simulator/simulator.js';
import { RawClient } from './raw-client.js';

const CAPTURE = new URL('../../../shared/fixtures/bilibili/live.jsonl', import.meta.url);

let simulator: Simulator;
let client: RawClient | undefined;
afterEach(async () => {
  client?.close();
  await simulator.close();
});

async function replay(file: string): Promise<RawClient> {
  simulator = await startSimulator({ rooms: 2, rate: 200 });
  const roomId = simulator.rooms[0]?.face.roomId ?? 0;
  await simulator.replay(roomId, file);
  client = await RawClient.join(simulator.url, roomId, 3);
  return client;
}

describe('a room that replays', () => {
  it('plays the captured socket messages byte by byte, to each connection from the beginning', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'replay-'));
    const message = jsonPacket(OPERATION.message, 0, { cmd: 'WATCHED_CHANGE', data: { num: 5 } });
    const answer = heartbeatReply(1, Buffer.alloc(0), 0);
    const line = (dir: string, t: number, bytes: Buffer) => JSON.stringify({ dir, t, b64: bytes.toString('base64') });
    const lines = [line('out', 0, message), line('in', 5, answer), line('in', 10, message), line('in', 60, message)];
    await writeFile(join(folder, 'capture.jsonl'), lines.join('\n'));
    const first = await replay(join(folder, 'capture.jsonl'));
    await vi.waitUntil(() => first.messages.length === 3, 5_000);
    expect(first.messages.slice(1)).toEqual([message, message]);
    expect([...simulator.ledger.entries()].map(({ fate }) => fate)).toEqual(['opaque', 'opaque']);
    await rm(folder, { recursive: true });
  });

  it.runIf(existsSync(CAPTURE))('plays a real capture', async () => {
    const first = readFileSync(CAPTURE, 'utf8')
      .split('\n')
      .map((line) => (line ? JSON.parse(line) : {}));
    const expected = first.find(({ dir, b64 }) => dir === 'in' && Buffer.from(b64, 'base64').readUInt32BE(8) === 5).b64;
    const got = await replay(CAPTURE.pathname);
    await vi.waitUntil(() => got.messages.length > 1, 5_000);
    expect(got.messages[1]?.toString('base64')).toBe(expected);
  });
});
