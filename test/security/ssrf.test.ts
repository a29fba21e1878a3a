import fc from 'fast-check';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { BilibiliConfig } from '../../src/platforms/bilibili/config.js';
import { hostRule } from '../../src/platforms/bilibili/hosts.js';
import { endpointOf } from '../../src/platforms/socket.js';
import {
  DANMU_INFO,
  INFO,
  json,
  LIST,
  LoopbackBilibili,
  NAV,
  never,
  ROOM_INIT,
  SPI,
  STATUS,
} from '../platforms/loopback-bilibili.js';

const OWN = /(^|\.)(bilibili\.com|biliapi\.net|biliapi\.com|bilivideo\.com|bilivideo\.cn)$/;
const own = hostRule('https://api.live.bilibili.com');

/** Between these an attacker hides where a connection would go. */
const PIECES = [
  ...[
    'bilibili.com',
    '.bilibili.com',
    'bilivideo.cn',
    'chat.',
    'evil.example',
    '127.0.0.1',
    '169.254.169.254',
    'localhost',
  ],
  ...[
    '2130706433',
    '0x7f.1',
    '017700000001',
    '[::1]',
    '::ffff:127.0.0.1',
    '[::ffff:7f00:1]',
    '@',
    ':22',
    ':',
    '/',
    '\\',
    '?',
    '#',
  ],
  ...[
    '%2e',
    '%00',
    '\0',
    '\r\n',
    ' ',
    '\t',
    '.',
    '..',
    '-',
    '_',
    '。',
    '．',
    'ⓑilibili.com',
    'bilibili。com',
    'ß',
    '\u200b',
    '\u00ad',
  ],
  ...['xn--bilibili-', 'BILIBILI.COM', 'user:pass@', 'https://', 'wss://', '*.bilibili.com', '\ud800'],
];
const hostileHost = fc
  .array(fc.oneof(fc.constantFrom(...PIECES), fc.string({ unit: 'binary', maxLength: 4 })), {
    minLength: 1,
    maxLength: 6,
  })
  .map((pieces) => pieces.join(''));

describe('a host that an interface names', () => {
  it('is dialled only where it is a name of the platform’s, whatever it is made of: the URL that is made of it leads there', () => {
    let accepted = 0;
    fc.assert(
      fc.property(
        fc.oneof(
          hostileHost,
          fc.domain().map((name) => `${name}.bilibili.com`),
        ),
        fc.integer({ min: 1, max: 65_535 }),
        (host, port) => {
          if (!own(host)) return;
          accepted += 1;
          const url = new URL(`wss://${endpointOf({ transport: 'wss', host, port, path: '/sub' })}/sub`);
          expect(url.hostname).toBe(host);
          expect(url.hostname).toMatch(OWN);
          expect([url.username, url.password, url.pathname, url.hash]).toEqual(['', '', '/sub', '']);
          expect(Number(url.port || 443)).toBe(port);
        },
      ),
      { numRuns: 3_000 },
    );
    expect(accepted).toBeGreaterThan(500);
  });

  it.each([
    ...['127.0.0.1', '0', '0.0.0.0', '2130706433', '0x7f000001', '::1', '[::1]', '169.254.169.254', '10.0.0.1'],
    ...['bilibili.com.', 'BILIBILI.COM', 'bilibili。com', 'xn--80ak6aa92e.com', 'a_b.evil.example', 'bilibili.com:22'],
    ...[
      'me@bilibili.com',
      'bilibili.com@evil.example',
      'bilibili.com%2eevil.example',
      'bilibili.com\\.evil.example',
      '-.bilibili.com-',
    ],
  ])('is refused: %j', (host) => {
    expect(own(host)).toBe(false);
  });
});

describe('a setting', () => {
  it.each(['apiUrl', 'liveApiUrl', 'wwwUrl'])('never sends a login in the clear to the platform itself: %s', (name) => {
    for (const url of ['http://api.bilibili.com', 'http://www.bilibili.com/', 'http://x.bilivideo.cn:80'])
      expect(BilibiliConfig.safeParse({ [name]: url }).success).toBe(false);
    expect(BilibiliConfig.safeParse({ [name]: 'https://api.bilibili.com' }).success).toBe(true);
  });

  it.each(['apiUrl', 'liveApiUrl', 'wwwUrl', 'socketUrl'])(
    'that is no address is refused, and breaks nothing: %s',
    (name) => {
      for (const url of ['api', '', 'http://', '//x', 'https://[']) {
        expect(BilibiliConfig.safeParse({ [name]: url }).success).toBe(false);
      }
    },
  );

  it.each(['apiUrl', 'liveApiUrl', 'wwwUrl', 'socketUrl'])('holds no user and no password in %s', (name) => {
    const url = name === 'socketUrl' ? 'wss://me:pw@x.bilibili.com/sub' : 'https://me:pw@api.bilibili.com';
    expect(BilibiliConfig.safeParse({ [name]: url }).success).toBe(false);
  });
});

describe('an interface that sends on to elsewhere', () => {
  let server: LoopbackBilibili;
  let trap: Server;
  let trapUrl: string;
  const caught: string[] = [];
  beforeAll(async () => {
    trap = createServer((request, response) => {
      caught.push(`${request.method} ${request.url}`);
      response.end('{"code":0}');
    }).on('upgrade', (request, socket) => {
      caught.push(`upgrade ${request.url}`);
      socket.destroy();
    });
    await new Promise<void>((resolve) => trap.listen(0, '127.0.0.1', resolve));
    trapUrl = `http://127.0.0.1:${(trap.address() as AddressInfo).port}`;
  });
  afterAll(() => void trap.close());
  beforeEach(async () => {
    server = await LoopbackBilibili.start();
    caught.length = 0;
  });
  afterEach(() => server.stop());

  const askEverything = async (): Promise<string[]> => {
    const platform = server.platform({ cookie: 'SESSDATA=canary; DedeUserID=42', requestTimeoutMs: 1_000 });
    const codes: string[] = [];
    const note = (error: unknown): void =>
      void codes.push(error instanceof Error && 'code' in error ? String(error.code) : 'none');
    await platform.roomInfo('1', never).catch(note);
    await platform.statusOfMany([{ roomId: '1', ownerId: '2' }], never).catch(note);
    await (async () => {
      for await (const rooms of platform.liveRooms({ areas: ['1'], maxPages: 1 }, never)) expect(rooms).toEqual([]);
    })().catch(note);
    await platform.connect({ roomId: '1', attempt: 1 }, never).then((open) => open.close(), note);
    await platform.close();
    return codes;
  };

  it.each([301, 302, 303, 307, 308, 300, 305])('is not followed by a request: %i', async (status) => {
    for (const path of [NAV, SPI, ROOM_INIT, INFO, DANMU_INFO, STATUS, LIST, '/room/v1/Area/getList', '/'])
      server.routes.set(
        path,
        json({ code: 0 }, status, { location: `${trapUrl}/caught`, refresh: `0; url=${trapUrl}` }),
      );
    const codes = await askEverything();
    expect(codes.length).toBeGreaterThan(3);
    expect(caught).toEqual([]);
  });

  it('is not followed by a socket’s handshake', async () => {
    const detour = createServer().on('upgrade', (_, socket) => {
      socket.end(`HTTP/1.1 302 Found\r\nlocation: ${trapUrl.replace('http', 'ws')}/caught\r\n\r\n`);
    });
    await new Promise<void>((resolve) => detour.listen(0, '127.0.0.1', resolve));
    server.hosts = [{ host: '127.0.0.1', ws_port: (detour.address() as AddressInfo).port }];
    expect(await askEverything()).toContain('CONNECT_FAILED');
    expect(caught).toEqual([]);
    detour.close();
  });

  it('has no picture of it fetched, and no host of it asked that it names beside the chat’s', async () => {
    const picture = `${trapUrl}/caught.png`;
    const room = {
      room_id: 1,
      uid: 2,
      title: 't',
      live_status: 1,
      cover: picture,
      keyframe: picture,
      user_cover: picture,
    };
    server.routes.set(ROOM_INIT, json({ code: 0, data: { room_id: 1, uid: 2 } }));
    server.routes.set(
      INFO,
      json({ code: 0, data: { room_info: room, anchor_info: { base_info: { uname: 'x', face: picture } } } }),
    );
    server.routes.set(STATUS, json({ code: 0, data: { 2: { ...room, cover_from_user: picture, face: picture } } }));
    server.routes.set(
      NAV,
      json({
        code: 0,
        data: { wbi_img: { img_url: `${trapUrl}/${'a'.repeat(32)}.png`, sub_url: `${trapUrl}/${'b'.repeat(32)}.png` } },
      }),
    );
    await askEverything();
    expect(server.requests.length).toBeGreaterThan(4);
    expect(caught).toEqual([]);
  });
});
