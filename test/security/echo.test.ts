import { inspect } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { WebSocket } from 'ws';
import type { Logger } from '../../src/model/log.js';
import { encodePacket, OPERATION } from '../../src/platforms/bilibili/packet.js';
import {
  collect,
  DANMU_INFO,
  INFO,
  json,
  LoopbackBilibili,
  NAV,
  never,
  ROOM_INIT,
  STATUS,
} from '../platforms/loopback-bilibili.js';
import { everythingIn, leaksIn } from './haystack.js';

/** As long as the real ones, and of their letters. */
const SESSDATA = '1a2b3c4d%2C1793526000%2C5e6f7canary51';
const TOKEN = 'canaryTokenZk3Qx_7bYw==';
const BUVID = 'CANARY0E-1234-5678-9ABC-DEF012345678904infoc';
const SECRETS = new Map([
  [SESSDATA, 'SESSDATA'],
  [TOKEN, 'token'],
  [BUVID, 'buvid'],
  // What is left of them without marks and signs is as good.
  ['5e6f7canary51', 'SESSDATA'],
  ['canaryTokenZk3Qx', 'token'],
  ['904infoc', 'buvid'],
]);

describe('a platform that sends back what it was told', () => {
  let server: LoopbackBilibili;
  const shown: string[] = [];
  const note = (...what: unknown[]): void => void shown.push(everythingIn(what), inspect(what, { depth: 20 }));
  const log: Logger = { debug: note, info: note, warn: note, error: note };
  beforeEach(async () => {
    server = await LoopbackBilibili.start();
    server.token = TOKEN;
    server.buvid = BUVID;
    shown.length = 0;
  });
  afterEach(() => server.stop());

  /** Everything that comes out of the platform: failures, frames, how the connection ended, and the log. */
  async function leaks(): Promise<string[]> {
    const settings = { authTimeoutMs: 500, requestTimeoutMs: 1_000, cookie: `SESSDATA=${SESSDATA}; DedeUserID=42` };
    const platform = server.platform(settings, log);
    await platform.roomInfo('1', never).then(() => undefined, note);
    await platform.statusOfMany([{ roomId: '1', ownerId: '2' }], never).catch(note);
    try {
      const connection = await platform.connect({ roomId: '1', attempt: 1 }, never);
      const { frames, done } = collect(connection);
      await Promise.race([connection.closed, new Promise((resolve) => setTimeout(resolve, 300))]);
      await connection.close();
      await done;
      note(frames, await connection.closed);
    } catch (error) {
      note(error);
    }
    await platform.close();
    expect(shown.length).toBeGreaterThan(3);
    return leaksIn(shown.join('\n'), SECRETS);
  }

  const echo = `${SESSDATA} ${TOKEN} ${BUVID}`;
  it.each([
    ['in a message of its envelope', json({ code: -400, message: echo, msg: echo })],
    ['in a shape that is none', json({ code: echo, data: echo })],
    ['as names of fields', json({ code: 0, data: { [echo]: echo } })],
    [
      'in a body that is no JSON',
      (_: unknown, response: { end: (text: string) => void }) => response.end(`<b>${echo}`),
    ],
    [
      'in its headers',
      json({ code: -412 }, 412, {
        'retry-after': echo,
        location: `https://x/${echo}`,
        'x-echo': echo,
        'set-cookie': `a=${encodeURIComponent(echo)}`,
      }),
    ],
  ])('shows them nowhere, when it does so %s', async (_, route) => {
    for (const path of [ROOM_INIT, INFO, STATUS, NAV]) server.routes.set(path, route);
    expect(await leaks()).toEqual([]);
    server.routes.set(DANMU_INFO, route);
    expect(await leaks()).toEqual([]);
  });

  it.each([SESSDATA, TOKEN, BUVID])('shows them nowhere, when it names %s as a host of the chat', async (secret) => {
    server.hosts = [{ host: secret, ws_port: 1 }];
    expect(await leaks()).toEqual([]);
    server.hosts = [
      { host: secret, ws_port: 1 },
      { host: '127.0.0.1', ws_port: server.port },
    ];
    expect(await leaks()).toEqual([]);
  });

  it.each<[string, (socket: WebSocket, operation: number, body: string) => void]>([
    ['as the reason of its goodbye', (socket) => socket.close(1008, TOKEN)],
    ['as the reason of its goodbye, the cookie', (socket) => socket.close(1008, `refused ${SESSDATA}`)],
    ['as the reason of its goodbye, the visitor', (socket) => socket.close(1008, BUVID)],
    [
      'as the answer to the authentication',
      (socket, operation, body) => socket.send(encodePacket(OPERATION.authenticated, body)),
    ],
    [
      'as the very packet that was sent',
      (socket, operation, body) => {
        socket.send(encodePacket(OPERATION.authenticated, '{"code":0}'));
        socket.send(encodePacket(operation, body));
      },
    ],
  ])('shows them nowhere, when it does so %s', async (_, onPacket) => {
    server.onPacket = onPacket;
    expect(await leaks()).toEqual([]);
  });
});
