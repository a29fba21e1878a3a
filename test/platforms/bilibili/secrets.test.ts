import { inspect } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Logger } from '../../../src/model/log.js';
import { OPERATION } from '../../../src/platforms/bilibili/packet.js';
import {
  authAnswer,
  DANMU_INFO,
  INFO,
  json,
  LoopbackBilibili,
  never,
  ROOM_INIT,
  STATUS,
} from '../loopback-bilibili.js';

/** Every secret of a run holds this word, but for the signature, which is known by its parameter. */
const SECRET = /canary|w_rid|wts=/i;

describe('secrets', () => {
  let server: LoopbackBilibili;
  const shown: string[] = [];
  const note = (...what: unknown[]) => shown.push(inspect(what, { depth: 20, showHidden: true }), JSON.stringify(what));
  const log: Logger = { debug: note, info: note, warn: note, error: note };
  /** A failure as a log, a stack trace and a serialised error would show it. */
  const noteFailure = (err: unknown) => {
    note(err, err instanceof Error ? [err.message, err.stack, err.cause] : []);
  };

  beforeEach(async () => {
    server = await LoopbackBilibili.start();
    shown.length = 0;
  });
  afterEach(() => server.stop());

  it('appear in no error and no log line, whatever goes wrong', async () => {
    const settings = {
      cookie: 'SESSDATA=canary-session; bili_jct=canary-csrf; DedeUserID=42',
      authTimeoutMs: 500,
      requestTimeoutMs: 500,
    };
    const attempt = async (roomId = '1') => {
      const platform = server.platform(settings, log);
      await platform.connect({ roomId, attempt: 1 }, never).then((connection) => connection.close(), noteFailure);
      await platform.roomInfo(roomId, never).catch(noteFailure);
      await platform.statusOfMany([{ roomId, ownerId: '2' }], never).catch(noteFailure);
      note(platform);
    };
    server.routes.set(ROOM_INIT, json({ code: 0, data: { room_id: 1 } }));
    await attempt();
    for (const onPacket of [
      () => {},
      (socket) => socket.close(1008, 'canary-token'.slice(0, 3)),
      (socket) => socket.terminate(),
      (socket, operation) => operation === OPERATION.authenticate && socket.send(authAnswer(-101)),
    ] as (typeof server.onPacket)[]) {
      server.onPacket = onPacket;
      await attempt();
    }
    const good = server.routes.get(DANMU_INFO)!;
    server.hosts = [
      { host: 'evil.example', ws_port: 1 },
      { host: '127.0.0.1', ws_port: 1 },
    ];
    await attempt();
    for (const route of [
      json({ code: -352 }),
      json({ code: -412 }),
      json({}, 502),
      json('canary'),
      json({ code: 0, data: { token: ['canary'] } }),
    ]) {
      for (const path of [DANMU_INFO, INFO, STATUS]) server.routes.set(path, route);
      await attempt();
    }
    server.routes.set(DANMU_INFO, (request, response) =>
      response.destroy(request.destroyed ? undefined : new Error('canary')),
    );
    await attempt();
    server.routes.set(DANMU_INFO, () => {});
    await attempt();
    server.routes.set(DANMU_INFO, good);
    expect(server.authentications.length).toBeGreaterThan(3);
    expect(shown.length).toBeGreaterThan(50);
    expect(shown.filter((line) => SECRET.test(line))).toEqual([]);
  });
});
