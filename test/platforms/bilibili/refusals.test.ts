import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  DANMU_INFO,
  INFO,
  json,
  LoopbackBilibili,
  NAV,
  never,
  ROOM_INIT,
  send,
  SPI,
  STATUS,
} from '../loopback-bilibili.js';
import { ManualClock } from '../manual-clock.js';

const ROOM = { roomId: '22603245', attempt: 1 };
const SOME = [{ roomId: '1', ownerId: '2' }];

describe('refusals of the platform', () => {
  let server: LoopbackBilibili;
  beforeEach(async () => (server = await LoopbackBilibili.start()));
  afterEach(() => server.stop());

  it('−352: asks for new keys and a new visitor id once, tries once more, then leaves signed requests alone', async () => {
    server.routes.set(DANMU_INFO, json({ code: -352 }));
    const platform = server.platform({ riskControlWaitMs: 120_000 });
    await expect(platform.connect(ROOM, never)).rejects.toMatchObject({ code: 'RISK_CONTROL', retryAfterMs: 120_000 });
    expect([NAV, SPI, DANMU_INFO].map((path) => server.count(path))).toEqual([2, 2, 2]);
    await expect(platform.connect({ ...ROOM, roomId: '5050' }, never)).rejects.toMatchObject({ code: 'RISK_CONTROL' });
    expect(server.requests).toHaveLength(6);
  });

  it('−352: the second try goes out with the new keys and visitor id, and its success is kept', async () => {
    const answer = server.routes.get(DANMU_INFO)!;
    server.routes.set(DANMU_INFO, (request, response, url) => {
      if (request.headers.cookie?.includes('CANARY-BUVID-1')) {
        server.buvid = 'CANARY-BUVID-2';
        return send(response, { code: -352 });
      }
      return answer(request, response, url);
    });
    const platform = server.platform();
    await (await platform.connect(ROOM, never)).close();
    await (await platform.connect({ ...ROOM, roomId: '5050' }, never)).close();
    expect([NAV, SPI, DANMU_INFO].map((path) => server.count(path))).toEqual([2, 2, 3]);
    expect(server.authentications.map(({ buvid }) => buvid)).toEqual(['CANARY-BUVID-2', 'CANARY-BUVID-2']);
  });

  it('−352: many rooms refused at once cause one fetch of new keys', async () => {
    server.routes.set(DANMU_INFO, json({ code: -352 }));
    const platform = server.platform();
    const rooms = Array.from({ length: 20 }, (_, n) => platform.connect({ ...ROOM, roomId: `${n + 1}` }, never));
    const ends = await Promise.allSettled(rooms);
    expect(ends.every((end) => end.status === 'rejected')).toBe(true);
    expect([server.count(NAV), server.count(SPI)]).toEqual([2, 2]);
    expect(server.count(DANMU_INFO)).toBeLessThanOrEqual(40);
  });

  it('−352 of an unsigned interface: leaves that interface alone, and no other', async () => {
    server.routes.set(STATUS, json({ code: -352 }));
    const platform = server.platform();
    await expect(platform.statusOfMany(SOME, never)).rejects.toMatchObject({ code: 'RISK_CONTROL' });
    await expect(platform.statusOfMany(SOME, never)).rejects.toMatchObject({ code: 'RISK_CONTROL' });
    expect(server.count(STATUS)).toBe(1);
    await (await platform.connect(ROOM, never)).close();
  });

  it.each([
    ['the code −412', json({ code: -412 })],
    ['HTTP 412 with HTML', (_, response) => response.writeHead(412).end('<html>')],
  ] as [string, ReturnType<typeof json>][])(
    '%s: sends nothing more to this host, whatever the request',
    async (_, route) => {
      server.routes.set(STATUS, route);
      const platform = server.platform({ blockedWaitMs: 600_000 });
      await expect(platform.statusOfMany(SOME, never)).rejects.toMatchObject({
        code: 'ADDRESS_BLOCKED',
        retryAfterMs: 600_000,
      });
      const later = { code: 'ADDRESS_BLOCKED', retryAfterMs: expect.any(Number) };
      await expect(platform.statusOfMany(SOME, never)).rejects.toMatchObject(later);
      await expect(platform.connect(ROOM, never)).rejects.toMatchObject(later);
      await expect(platform.roomInfo('1', never)).rejects.toMatchObject(later);
      await expect(platform.liveRooms({ maxPages: 1 }, never)[Symbol.asyncIterator]().next()).rejects.toMatchObject(
        later,
      );
      expect(server.requests).toHaveLength(1);
    },
  );

  it('HTTP 429: keeps Retry-After, in seconds or as a date', async () => {
    const clock = new ManualClock();
    const date = new Date(Math.ceil(clock.now() / 1000) * 1000 + 90_000).toUTCString();
    for (const [header, least] of [
      ['77', 77_000],
      [date, 90_000],
    ] as const) {
      server.routes.set(STATUS, json({}, 429, { 'retry-after': header }));
      const error = await server
        .platform({}, undefined, clock)
        .statusOfMany(SOME, never)
        .catch((err: unknown) => err);
      expect(error).toMatchObject({ code: 'RATE_LIMITED' });
      expect((error as { retryAfterMs: number }).retryAfterMs).toBeGreaterThanOrEqual(least);
      expect((error as { retryAfterMs: number }).retryAfterMs).toBeLessThan(least + 1_001);
    }
  });

  it.each([
    ['of 31 years', 503, 'PLATFORM_ERROR', '999999999'],
    ['of 400 digits', 503, 'PLATFORM_ERROR', '9'.repeat(400)],
    ['until 9999', 502, 'PLATFORM_ERROR', 'Fri, 31 Dec 9999 23:59:59 GMT'],
    ['of 31 years', 429, 'RATE_LIMITED', '999999999'],
  ])('bounds a Retry-After %s with HTTP %d', async (_, status, code, header) => {
    server.routes.set(STATUS, json({}, status, { 'retry-after': header }));
    await expect(server.platform().statusOfMany(SOME, never)).rejects.toMatchObject({
      code,
      retryAfterMs: 6 * 3_600_000,
    });
  });

  it('−799: waits before anything else goes to this host', async () => {
    server.routes.set(STATUS, json({ code: -799 }));
    const platform = server.platform();
    await expect(platform.statusOfMany(SOME, never)).rejects.toMatchObject({
      code: 'RATE_LIMITED',
      retryAfterMs: 10_000,
    });
    await expect(platform.roomInfo('1', never)).rejects.toMatchObject({ code: 'RATE_LIMITED' });
    expect(server.requests).toHaveLength(1);
  });

  it('any other code or status is an error of the platform, not of the room, where no room is asked for', async () => {
    const platform = server.platform();
    for (const route of [
      json({ code: 1 }),
      json({ code: -400 }),
      json({}, 502),
      json({}, 302, { location: '/elsewhere' }),
    ]) {
      server.routes.set(STATUS, route);
      await expect(platform.statusOfMany(SOME, never)).rejects.toMatchObject({ code: 'PLATFORM_ERROR' });
    }
    expect(server.count('/elsewhere')).toBe(0);
  });
});

describe('answers that are none', () => {
  let server: LoopbackBilibili;
  beforeEach(async () => (server = await LoopbackBilibili.start()));
  afterEach(() => server.stop());

  it.each(['<html>', '', '{"code":0', '[]', 'null', '{"code":"0"}', '{"code":0,"data":7}', '\xff\xfe'])(
    'reports %j as an error of the platform',
    async (body) => {
      server.routes.set(STATUS, (_, response) => response.end(Buffer.from(body, 'latin1')));
      await expect(server.platform().statusOfMany(SOME, never)).rejects.toMatchObject({ code: 'PLATFORM_ERROR' });
    },
  );

  it('stops reading an answer beyond 8 MiB', async () => {
    let sent = 0;
    server.routes.set(STATUS, (_, response) => {
      const chunk = Buffer.alloc(256 * 1024, ' ');
      const more = () => {
        while (!response.destroyed && sent < 400 * chunk.length) {
          sent += chunk.length;
          if (!response.write(chunk)) return response.once('drain', more);
        }
        return response.end();
      };
      more();
    });
    await expect(server.platform().statusOfMany(SOME, never)).rejects.toMatchObject({ code: 'PLATFORM_ERROR' });
    expect(sent).toBeLessThan(32 * 1024 * 1024);
  });

  it('gives up on a body that trickles beyond the deadline', async () => {
    server.routes.set(STATUS, (_, response) => {
      const timer = setInterval(() => response.write(' '), 20);
      response.on('close', () => clearInterval(timer));
    });
    const asked = server.platform({ requestTimeoutMs: 500 }).statusOfMany(SOME, never);
    await expect(asked).rejects.toMatchObject({
      code: 'PLATFORM_UNREACHABLE',
      message: expect.stringContaining('500 ms'),
    });
  });

  it('ends a request with the reason of the abort', async () => {
    server.routes.set(STATUS, () => {});
    const abort = new AbortController();
    const asked = server.platform().statusOfMany(SOME, abort.signal);
    setTimeout(() => abort.abort(new Error('the room was cancelled')), 50);
    await expect(asked).rejects.toThrow('the room was cancelled');
  });

  it('leaves a shared request to the others when one who waits for it is aborted', async () => {
    const abort = new AbortController();
    server.routes.set(ROOM_INIT, json({ code: 60004 }));
    const answer = server.routes.get(NAV)!;
    server.routes.set(NAV, (...args) => {
      abort.abort(new Error('the room was cancelled'));
      setTimeout(() => answer(...args), 50);
    });
    const platform = server.platform();
    const one = platform.connect(ROOM, abort.signal).catch((err: unknown) => (err instanceof Error ? err.message : ''));
    const other = platform.connect({ ...ROOM, roomId: '5050' }, never);
    expect(await one).toBe('the room was cancelled');
    await (await other).close();
    expect(server.count(NAV)).toBe(1);
  });

  it('takes the visitor id of the front page where the interface gives none', async () => {
    server.routes.set(SPI, json({ code: -500 }));
    server.routes.set('/', (_, response) =>
      response
        .writeHead(200, { 'set-cookie': ['b_nut=1; path=/', 'buvid3=FRONT-PAGE; path=/; domain=.bilibili.com'] })
        .end('<html>'),
    );
    await (await server.platform().connect(ROOM, never)).close();
    expect(server.authentications[0]).toMatchObject({ buvid: 'FRONT-PAGE', uid: 0 });
  });

  it('says so when nobody listens', async () => {
    const closed: Server = createServer();
    await new Promise<void>((resolve) => closed.listen(0, '127.0.0.1', resolve));
    const { port } = closed.address() as AddressInfo;
    await new Promise((resolve) => closed.close(resolve));
    const platform = server.platform({ liveApiUrl: `http://127.0.0.1:${port}` });
    await expect(platform.roomInfo('1', never)).rejects.toMatchObject({
      code: 'PLATFORM_UNREACHABLE',
      message: expect.stringContaining('ECONNREFUSED'),
    });
    expect(server.count(INFO)).toBe(0);
  });
});
