import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { DANMU_INFO, INFO, json, LIST, LoopbackBilibili, NAV, never, ROOM_INIT, SPI } from '../loopback-bilibili.js';

/** Answers captured from the platform in 2026-09; they are not part of this repository. */
const FOLDER = fileURLToPath(new URL('../../../../shared/fixtures/bilibili/', import.meta.url));
const bodyOf = (name: string): unknown => JSON.parse(readFileSync(`${FOLDER}${name}.json`, 'utf8')).body;

describe.skipIf(!existsSync(FOLDER))('captured answers', () => {
  let server: LoopbackBilibili;
  const roomInfo = (name: string, roomId: string) => {
    server.routes.set(
      ROOM_INIT,
      json({ code: 0, data: { room_id: Number(roomId), is_locked: false, encrypted: false } }),
    );
    server.routes.set(INFO, json(bodyOf(name)));
    return server.platform().roomInfo(roomId, never);
  };
  beforeEach(async () => {
    server = await LoopbackBilibili.start();
    server.routes.set(NAV, json(bodyOf('nav')));
    server.routes.set(SPI, json(bodyOf('finger-spi')));
  });
  afterEach(() => server.stop());

  it('getInfoByRoom tells a live room whole', async () => {
    expect(await roomInfo('room-live', '42062')).toEqual({
      roomId: '42062',
      ownerId: '730732',
      ownerName: '瓶子君152',
      title: '上海冠军赛 T1打100T',
      areaId: '329',
      areaName: '无畏契约',
      parentAreaId: '2',
      parentAreaName: '网游',
      isLive: true,
      liveStartedAt: 1790499376000,
      popularity: 619543,
    });
  });

  it('getInfoByRoom tells a rebroadcast and an offline room as offline, and resolves a short id', async () => {
    expect(await roomInfo('room-replay', '5440')).toMatchObject({ roomId: '5440', shortId: '1', isLive: false });
    expect(await roomInfo('room-offline', '22647871')).toMatchObject({ roomId: '22647871', isLive: false });
    expect(await roomInfo('room-short-id', '6')).toMatchObject({ roomId: '7734200', shortId: '6', isLive: true });
  });

  it('getInfoByRoom refuses a room that does not exist, and a request that risk control dislikes', async () => {
    await expect(roomInfo('room-not-found', '999999999')).rejects.toMatchObject({ code: 'ROOM_NOT_FOUND' });
    await expect(roomInfo('risk352', '42062')).rejects.toMatchObject({ code: 'RISK_CONTROL' });
  });

  it('getDanmuInfo names hosts of the platform’s own, which are dialled on no other address', async () => {
    server.routes.set(DANMU_INFO, json(bodyOf('getDanmuInfo')));
    // Seen from a simulator's address the real hosts are foreign, so nothing is dialled here.
    await expect(server.platform().connect({ roomId: '42062', attempt: 1 }, never)).rejects.toMatchObject({
      code: 'HOST_REFUSED',
      facts: { host: 'zj-cn-live-comet.chat.bilibili.com' },
    });
  });

  it.each(['room-list', 'list-past-the-end'])('%s gives live rooms', async (name) => {
    server.routes.set(LIST, json(bodyOf(name)));
    const rooms = [];
    for await (const page of server.platform().liveRooms({ maxPages: 5 }, never)) rooms.push(...page);
    expect(rooms).toHaveLength(name === 'room-list' ? 5 : 0);
    if (name === 'room-list')
      expect(rooms[0]).toMatchObject({
        roomId: '545068',
        ownerName: '老实憨厚的笑笑',
        popularity: 526382,
        areaId: '86',
        parentAreaId: '2',
      });
    expect(server.count(LIST)).toBe(name === 'room-list' ? 2 : 1); // the second page brings nothing new
  });

  it('the list of areas tells parents from inner ones', async () => {
    server.routes.set('/room/v1/Area/getList', json(bodyOf('areas')));
    server.routes.set(LIST, json(bodyOf('list-past-the-end')));
    for await (const page of server.platform().liveRooms({ areas: ['86', '2'], maxPages: 1 }, never))
      expect(page).toEqual([]);
    const asked = server.requests.filter(({ path }) => path === LIST).map(({ url }) => url.searchParams);
    expect(asked.map((query) => [query.get('parent_area_id'), query.get('area_id')])).toEqual([
      ['2', '86'],
      ['2', '0'],
    ]);
  });
});
