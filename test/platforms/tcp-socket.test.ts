import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { OPERATION } from '../../src/platforms/bilibili/packet.js';
import {
  authAnswer,
  collect,
  heartbeatAnswer,
  LoopbackBilibili,
  never,
  numbered,
  packed,
} from './loopback-bilibili.js';

const ROOM = { roomId: '22603245', attempt: 1 };

describe('a connection over TCP', () => {
  let api: LoopbackBilibili;
  let chat: Server;
  let peer: Socket;
  const connect = async (settings = {}) => api.platform({ transport: 'tcp', ...settings }).connect(ROOM, never);

  beforeEach(async () => {
    api = await LoopbackBilibili.start();
    chat = createServer((socket) => {
      peer = socket;
      socket.on('error', () => {});
      socket.on('data', (chunk) => {
        if (chunk.readUInt32BE(8) === OPERATION.authenticate) socket.write(authAnswer(0));
        else socket.write(heartbeatAnswer());
      });
    });
    await new Promise<void>((resolve) => chat.listen(0, '127.0.0.1', resolve));
    api.hosts = [{ host: '127.0.0.1', port: (chat.address() as AddressInfo).port }];
  });
  afterEach(async () => {
    peer?.destroy();
    chat.close();
    await api.stop();
  });

  it('puts packets together that are split anywhere', async () => {
    const connection = await connect();
    const { frames, done } = collect(connection);
    await expect.poll(() => frames.length).toBe(2); // the heartbeat's answer must not fall into the middle of a packet
    const stream = Buffer.concat([numbered(1), packed(Buffer.concat([numbered(2), numbered(3)])), numbered(4)]);
    for (const byte of stream) {
      peer.write(Uint8Array.of(byte));
      await new Promise((resolve) => setImmediate(resolve));
    }
    await expect.poll(() => frames.some(({ audience }) => audience.watched === 4)).toBe(true);
    expect(frames.flatMap(({ audience }) => audience.watched ?? [])).toEqual([1, 3, 4]); // the last number of each frame
    await connection.close();
    await done;
    expect(await connection.closed).toMatchObject({ end: 'closed', detail: 'closed by barrage' });
  });

  it('ends as framing once the boundaries are lost', async () => {
    const connection = await connect();
    const { frames, done } = collect(connection);
    peer.write(Buffer.concat([numbered(1), Buffer.alloc(64, 0xff)]));
    await done;
    expect(frames.some(({ audience }) => audience.watched === 1)).toBe(true);
    expect(await connection.closed).toMatchObject({ end: 'framing', coveredUntil: frames.at(-1)?.receivedAt });
  });

  it('ends as lost when the stream ends, since a crash looks the same', async () => {
    const connection = await connect();
    const { frames, done } = collect(connection);
    peer.end();
    await done;
    expect(await connection.closed).toMatchObject({ end: 'lost', coveredUntil: frames.at(-1)?.receivedAt });
  });

  it('fails in words when nobody listens, or nobody answers', async () => {
    api.hosts = [{ host: '127.0.0.1', port: 1 }];
    await expect(connect()).rejects.toMatchObject({
      code: 'CONNECT_FAILED',
      message: expect.stringContaining('ECONNREFUSED'),
    });
  });
});
