import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { OPERATION } from '../../../src/platforms/bilibili/packet.js';
import type { BarrageError } from '../../../src/model/errors.js';
import {
  authAnswer,
  collect,
  DANMU_INFO,
  json,
  LoopbackBilibili,
  NAV,
  never,
  numbered,
  SPI,
} from '../loopback-bilibili.js';
import { ManualClock } from '../manual-clock.js';

const ROOM = '22603245';
const roomAt = (attempt: number) => ({ roomId: ROOM, attempt });

describe('connecting', () => {
  let server: LoopbackBilibili;
  beforeEach(async () => (server = await LoopbackBilibili.start()));
  afterEach(() => server.stop());

  it('authenticates as an anonymous visitor with the token and the visitor id that it was given to', async () => {
    const connection = await server.platform().connect(roomAt(1), never);
    expect(server.authentications).toEqual([
      { uid: 0, roomid: 22603245, protover: 3, platform: 'web', type: 2, key: 'canary-token', buvid: 'CANARY-BUVID-1' },
    ]);
    expect(connection.endpoint).toBe(`127.0.0.1:${server.port}`);
    expect(server.upgrades[0]).toMatchObject({ 'user-agent': 'barrage/0.1 (+live chat archive)' });
    expect(server.upgrades[0]).not.toHaveProperty('cookie');
    await connection.close();
  });

  it('gives the cookie’s own user id, and sends the cookie', async () => {
    const cookie = 'SESSDATA=abc; DedeUserID=42; buvid3=OWN';
    const connection = await server.platform({ cookie }).connect(roomAt(1), never);
    expect(server.authentications[0]).toMatchObject({ uid: 42, buvid: 'OWN' });
    expect(server.upgrades[0]?.cookie).toBe(cookie);
    expect(server.requests.find(({ path }) => path === DANMU_INFO)?.headers.cookie).toBe(cookie);
    expect(server.count(SPI)).toBe(0);
    await connection.close();
  });

  it('costs no request while the token is kept: many rooms share keys and visitor id, and a room its token', async () => {
    const platform = server.platform();
    for (let attempt = 1; attempt <= 5; attempt++) await (await platform.connect(roomAt(attempt), never)).close();
    const more = await Promise.all(['1', '2', '3'].map((roomId) => platform.connect({ roomId, attempt: 1 }, never)));
    await Promise.all(more.map((connection) => connection.close()));
    expect([NAV, SPI, DANMU_INFO].map((path) => server.count(path))).toEqual([1, 1, 4]);
  });

  it('fetches a new token when the kept one has grown old', async () => {
    const clock = new ManualClock();
    const platform = server.platform({ tokenTtlMs: 60_000 }, undefined, clock);
    await (await platform.connect(roomAt(1), never)).close();
    await clock.advance(61_000);
    await (await platform.connect(roomAt(1), never)).close();
    expect(server.count(DANMU_INFO)).toBe(2);
  });

  it('drops a token that was refused, says so, and has a fresh one at the next attempt', async () => {
    server.onPacket = (socket, operation, body) => {
      if (operation === OPERATION.authenticate) socket.send(authAnswer(body.includes('canary-token-2') ? 0 : -101));
    };
    const platform = server.platform();
    const refused = await platform.connect(roomAt(1), never).catch((err: unknown) => err);
    expect(refused).toMatchObject({ code: 'AUTH_REFUSED', message: expect.stringContaining('-101') });
    expect((refused as BarrageError).message).not.toContain('canary');
    server.token = 'canary-token-2';
    await (await platform.connect(roomAt(2), never)).close();
    expect(server.count(DANMU_INFO)).toBe(2);
  });

  it('takes the next endpoint at each attempt, repeated ones once', async () => {
    const { port } = server;
    const named = (host: string, ws_port: number) => ({ host, port: 1, ws_port, wss_port: 1 });
    server.hosts = [
      named('127.0.0.1', port),
      named('127.0.0.1', port),
      named('127.0.0.1', 1),
      named('localhost', port),
    ];
    const platform = server.platform();
    const endpoints: unknown[] = [];
    for (let attempt = 1; attempt <= 4; attempt++) {
      try {
        const connection = await platform.connect(roomAt(attempt), never);
        endpoints.push(connection.endpoint);
        await connection.close();
      } catch (err) {
        endpoints.push((err as BarrageError).facts['endpoint']);
        expect(err).toMatchObject({
          code: 'CONNECT_FAILED',
          message: expect.stringMatching(/127\.0\.0\.1:1 .*ECONNREFUSED/),
        });
      }
    }
    expect(endpoints).toEqual([`127.0.0.1:${port}`, '127.0.0.1:1', `localhost:${port}`, `127.0.0.1:${port}`]);
    expect(server.count(DANMU_INFO)).toBe(1);
  });

  it('contacts no host that is not the platform’s own, and uses the others beside it', async () => {
    server.hosts = [{ host: 'evil.example', ws_port: 1 }];
    await expect(server.platform().connect(roomAt(1), never)).rejects.toMatchObject({
      code: 'HOST_REFUSED',
      facts: { host: 'evil.example' },
    });
    server.hosts = [
      { host: 'evil.example', ws_port: 1 },
      { host: '127.0.0.1', ws_port: server.port },
    ];
    await (await server.platform().connect(roomAt(1), never)).close();
  });

  it('says so when the list of hosts is empty or makes no sense', async () => {
    for (const hosts of [[], [{ host: '127.0.0.1', ws_port: 70_000 }], [{ host: '127.0.0.1' }]]) {
      server.hosts = hosts;
      await expect(server.platform().connect(roomAt(1), never)).rejects.toMatchObject({ code: 'PLATFORM_ERROR' });
    }
    server.routes.set(DANMU_INFO, json({ code: 0, data: { token: '', host_list: [] } }));
    await expect(server.platform().connect(roomAt(1), never)).rejects.toMatchObject({ code: 'PLATFORM_ERROR' });
  });

  it('does not settle for a socket without encryption where it is to be encrypted', async () => {
    await expect(server.platform({ transport: 'wss' }).connect(roomAt(1), never)).rejects.toMatchObject({
      code: 'CONNECT_FAILED',
      message: expect.stringContaining('EPROTO'),
    });
    expect(server.authentications).toEqual([]);
  });

  it('dials socketUrl instead of what the interface names', async () => {
    server.hosts = [];
    const socketUrl = `ws://localhost:${server.port}/sub`;
    const connection = await server.platform({ socketUrl }).connect(roomAt(1), never);
    expect(connection.endpoint).toBe(`localhost:${server.port}`);
    await connection.close();
  });

  it('gives up on an answer that does not come', async () => {
    server.onPacket = () => {};
    await expect(server.platform({ authTimeoutMs: 500 }).connect(roomAt(1), never)).rejects.toMatchObject({
      code: 'AUTH_TIMEOUT',
    });
    await expect.poll(() => server.sockets[0]?.readyState).toBe(3);
  });

  it('names a socket that closes instead of answering, and keeps a new token for the next attempt', async () => {
    server.onPacket = (socket) => socket.close(1008, 'go away');
    const platform = server.platform();
    await expect(platform.connect(roomAt(1), never)).rejects.toMatchObject({
      code: 'CONNECT_FAILED',
      message: expect.stringContaining('1008 (go away)'),
    });
    await expect(platform.connect(roomAt(2), never)).rejects.toMatchObject({ code: 'CONNECT_FAILED' });
    expect(server.count(DANMU_INFO)).toBe(1);
  });

  it('drops an old token when the socket closes instead of answering', async () => {
    const clock = new ManualClock();
    const platform = server.platform({}, undefined, clock);
    await (await platform.connect(roomAt(1), never)).close();
    await clock.advance(120_000);
    server.onPacket = (socket) => socket.terminate();
    await expect(platform.connect(roomAt(1), never)).rejects.toMatchObject({ code: 'CONNECT_FAILED' });
    await expect(platform.connect(roomAt(2), never)).rejects.toMatchObject({ code: 'CONNECT_FAILED' });
    expect(server.count(DANMU_INFO)).toBe(2);
  });

  it('waits past messages that come before the answer, and gives them out, too', async () => {
    server.onPacket = (socket, operation) => {
      if (operation !== OPERATION.authenticate) return;
      socket.send(numbered(1));
      socket.send(Buffer.concat([numbered(2), authAnswer(0)]));
    };
    const connection = await server.platform().connect(roomAt(1), never);
    const { frames, done } = collect(connection);
    await connection.close();
    await done;
    expect(frames.map(({ index, audience }) => [index, audience.watched])).toEqual([
      [1, 1],
      [2, 2],
    ]);
  });

  it('ends an attempt with the reason of the abort, and leaves no socket behind', async () => {
    server.onPacket = () => {};
    const abort = new AbortController();
    const attempt = server.platform().connect(roomAt(1), abort.signal);
    await expect.poll(() => server.authentications.length).toBe(1);
    abort.abort(new Error('the room was cancelled'));
    await expect(attempt).rejects.toThrow('the room was cancelled');
    await expect.poll(() => server.sockets[0]?.readyState).toBe(3);
  });

  it('ends what is under way when the platform is closed', async () => {
    server.routes.set(DANMU_INFO, () => {});
    const platform = server.platform();
    const attempt = platform.connect(roomAt(1), never);
    await expect.poll(() => server.count(DANMU_INFO)).toBe(1);
    await platform.close();
    await expect(attempt).rejects.toMatchObject({ code: 'WORKER_SHUTDOWN' });
  });
});
