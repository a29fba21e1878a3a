import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Observation } from '../../../src/model/stream.js';
import { liveTime } from '../../../src/platforms/bilibili/api-wire.js';
import type { LiveRoom } from '../../../src/platforms/platform.js';
import { INFO, isSigned, json, LIST, LoopbackBilibili, never, ROOM_INIT, send, STATUS } from '../loopback-bilibili.js';

const INIT = { room_id: 7734200, short_id: 6, uid: 50329118, is_locked: false, encrypted: false, live_status: 1 };
const ROOM = {
  room_id: 7734200,
  short_id: 6,
  uid: 50329118,
  title: '全球总决赛',
  live_status: 1,
  live_start_time: 1788762159,
  lock_status: 0,
  online: 159349,
  area_id: 561,
  area_name: '游戏赛事',
  parent_area_id: 13,
  parent_area_name: '赛事',
};

describe('room info', () => {
  let server: LoopbackBilibili;
  const answer = (init: object, room: object, more: object = {}) => {
    server.routes.set(ROOM_INIT, json({ code: 0, data: { ...INIT, ...init } }));
    server.routes.set(INFO, (_, response, url) =>
      send(response, isSigned(url) ? { code: 0, data: { room_info: { ...ROOM, ...room }, ...more } } : { code: -352 }),
    );
  };
  beforeEach(async () => (server = await LoopbackBilibili.start()));
  afterEach(() => server.stop());

  it('resolves a short id, and tells everything in our terms', async () => {
    answer({}, {}, { anchor_info: { base_info: { uname: '哔哩哔哩英雄联盟赛事' } }, block_info: { block: false } });
    expect(await server.platform().roomInfo('6', never)).toEqual({
      roomId: '7734200',
      shortId: '6',
      ownerId: '50329118',
      ownerName: '哔哩哔哩英雄联盟赛事',
      title: '全球总决赛',
      areaId: '561',
      areaName: '游戏赛事',
      parentAreaId: '13',
      parentAreaName: '赛事',
      isLive: true,
      liveStartedAt: 1788762159000,
      popularity: 159349,
    });
  });

  it('counts a rebroadcast as offline, and leaves out what is not there', async () => {
    answer({ short_id: 0 }, { live_status: 2, live_start_time: 0, short_id: 0, title: undefined, area_id: null });
    const info = await server.platform().roomInfo('7734200', never);
    expect(info).toMatchObject({ roomId: '7734200', isLive: false });
    for (const absent of ['shortId', 'title', 'areaId', 'liveStartedAt', 'ownerName'])
      expect(info).not.toHaveProperty(absent);
  });

  it.each([
    ['ROOM_LOCKED', { is_locked: true }, {}, {}],
    ['ROOM_LOCKED', {}, { lock_status: 1 }, {}],
    ['ROOM_ENCRYPTED', { encrypted: true, pwd_verified: false }, {}, {}],
    ['ROOM_REGION', {}, {}, { block_info: { block: true, desc: '' } }],
  ])('throws %s where %j, %j, %j', async (code, init, room, more) => {
    answer(init, room, more);
    await expect(server.platform().roomInfo('6', never)).rejects.toMatchObject({ code });
  });

  it.each([
    [ROOM_INIT, 60004, 'ROOM_NOT_FOUND'],
    [ROOM_INIT, 1, 'ROOM_NOT_FOUND'],
    [INFO, 19002000, 'ROOM_NOT_FOUND'],
    [INFO, 19002003, 'ROOM_NOT_FOUND'],
    [INFO, 19002005, 'ROOM_ENCRYPTED'],
  ])('reads the answer %s %d as %s', async (path, code, expected) => {
    answer({}, {});
    server.routes.set(path, json({ code, message: '…', data: null }));
    await expect(server.platform().roomInfo('6', never)).rejects.toMatchObject({ code: expected });
  });

  it('asks nobody for something that cannot be a room', async () => {
    await expect(server.platform().roomInfo('6&x=1', never)).rejects.toMatchObject({ code: 'ROOM_NOT_FOUND' });
    expect(server.requests).toHaveLength(0);
  });
});

describe('status of many rooms', () => {
  let server: LoopbackBilibili;
  beforeEach(async () => (server = await LoopbackBilibili.start()));
  afterEach(() => server.stop());

  it('is one request for each 200, and leaves out rooms that the answer does not name or that make no sense', async () => {
    server.routes.set(STATUS, (_, response, url) => {
      const uids = url.searchParams.getAll('uids[]');
      const entry = (uid: string) => ({
        room_id: Number(uid) + 1000,
        live_status: Number(uid) % 3,
        live_time: 1788762159,
        title: `房间 ${uid}`,
        online: 5,
        area_v2_name: '内',
        area_v2_parent_name: '外',
      });
      const data = Object.fromEntries(
        uids.filter((uid) => uid !== '7').map((uid) => [uid, uid === '8' ? { odd: true } : entry(uid)]),
      );
      send(response, { code: 0, data });
    });
    const rooms = Array.from({ length: 480 }, (_, n) => ({ ownerId: `${n + 1}`, roomId: `${n + 1001}` }));
    const statuses = await server.platform().statusOfMany(rooms, never);
    expect(server.count(STATUS)).toBe(3);
    expect(statuses).toHaveLength(478);
    expect(statuses[0]).toEqual({
      roomId: '1001',
      title: '房间 1',
      isLive: true,
      liveStartedAt: 1788762159000,
      popularity: 5,
      areaName: '内',
      parentAreaName: '外',
    });
    expect(statuses.filter(({ isLive }) => isLive)).toHaveLength(159);
  });

  it('reads an empty list as nothing known, and asks nothing for no rooms', async () => {
    server.routes.set(STATUS, json({ code: 0, data: [] }));
    expect(await server.platform().statusOfMany([{ roomId: '1', ownerId: '2' }], never)).toEqual([]);
    expect(await server.platform().statusOfMany([], never)).toEqual([]);
    expect(server.count(STATUS)).toBe(1);
  });
});

/** Numbers that JSON carries and no count is, with what is made of each. */
const ODD = [
  [1.5, 1],
  [-0.5, 0],
  [-3, -3],
  [2 ** 60, Number.MAX_SAFE_INTEGER],
  [1e300, Number.MAX_SAFE_INTEGER],
  [-1e300, Number.MIN_SAFE_INTEGER],
] as const;

describe('odd numbers', () => {
  let server: LoopbackBilibili;
  beforeEach(async () => (server = await LoopbackBilibili.start()));
  afterEach(() => server.stop());

  it.each(ODD)('an audience of %d is kept as %d, which every record of ours takes', async (online, kept) => {
    const at = 1788762159;
    server.routes.set(ROOM_INIT, json({ code: 0, data: INIT }));
    server.routes.set(INFO, json({ code: 0, data: { room_info: { ...ROOM, online, live_start_time: at + 0.5 } } }));
    server.routes.set(
      STATUS,
      json({ code: 0, data: { 2: { room_id: 1, live_status: 1, live_time: online, online } } }),
    );
    server.routes.set(LIST, json({ code: 0, data: { count: 0.5, list: [{ roomid: 1, online }] } }));
    const platform = server.platform();
    const info = await platform.roomInfo('6', never);
    const [status] = await platform.statusOfMany([{ roomId: '1', ownerId: '2' }], never);
    const page = await platform.liveRooms({ maxPages: 1 }, never)[Symbol.asyncIterator]().next();
    expect(info).toMatchObject({ popularity: kept, liveStartedAt: at * 1000 });
    expect(status).toEqual({ roomId: '1', isLive: true, popularity: kept });
    expect(page.value).toEqual([{ roomId: '1', popularity: kept }]);
    expect(Observation.safeParse({ state: 'streaming', workerId: 'w', popularity: info.popularity }).success).toBe(
      true,
    );
  });
});

describe('live rooms', () => {
  let server: LoopbackBilibili;
  const listed = (n: number) => ({
    roomid: n,
    uid: n + 1,
    uname: '名',
    title: '题',
    online: n,
    area_id: 86,
    area_name: '英雄联盟',
    parent_id: 2,
    parent_name: '网游',
  });
  const pages = async (areas: string[] | undefined, maxPages: number): Promise<LiveRoom[][]> => {
    const all: LiveRoom[][] = [];
    for await (const page of server.platform().liveRooms({ ...(areas ? { areas } : {}), maxPages }, never))
      all.push(page);
    return all;
  };
  beforeEach(async () => {
    server = await LoopbackBilibili.start();
    server.routes.set(LIST, (_, response, url) => {
      const page = Number(url.searchParams.get('page'));
      const length = page === 1 ? 29 : page === 2 ? 30 : page === 3 ? 4 : 0; // a page may be short in the middle
      send(response, { code: 0, data: { count: 64, list: Array.from({ length }, (_x, n) => listed(page * 100 + n)) } });
    });
  });
  afterEach(() => server.stop());

  it('come page after page until the count is reached', async () => {
    expect((await pages(undefined, 50)).map((page) => page.length)).toEqual([29, 30, 4]);
    expect(server.count(LIST)).toBe(3);
    expect(server.requests[0]?.url.search).toContain('parent_area_id=0&area_id=0');
  });

  it('stop at maxPages', async () => {
    expect(await pages(undefined, 2)).toHaveLength(2);
    expect(server.count(LIST)).toBe(2);
  });

  it('end where a list without a count brings nothing new, and pass over entries that make no sense', async () => {
    server.routes.set(LIST, json({ code: 0, data: [listed(5), { roomid: 'x' }, null] }));
    expect(await pages(undefined, 3)).toEqual([
      [
        {
          roomId: '5',
          ownerId: '6',
          ownerName: '名',
          title: '题',
          areaId: '86',
          areaName: '英雄联盟',
          parentAreaId: '2',
          parentAreaName: '网游',
          popularity: 5,
        },
      ],
    ]);
  });

  it('are asked for area by area, each under its parent', async () => {
    server.routes.set(
      '/room/v1/Area/getList',
      json({
        code: 0,
        data: [
          { id: 2, list: [{ id: '86' }, { id: '0' }] },
          { id: 9, list: [] },
        ],
      }),
    );
    await pages(['9', '86'], 1);
    const asked = server.requests.filter(({ path }) => path === LIST).map(({ url }) => url.searchParams);
    expect(asked.map((query) => [query.get('parent_area_id'), query.get('area_id')])).toEqual([
      ['9', '0'],
      ['2', '86'],
    ]);
  });
});

describe('live_time', () => {
  it('is UTC+8 as text and seconds as a number, and nothing where it says nothing', () => {
    expect(liveTime('2021-02-01 18:43:32')).toBe(Date.UTC(2021, 1, 1, 10, 43, 32));
    expect(liveTime(1788762159)).toBe(1788762159000);
    expect(liveTime('1788762159')).toBe(1788762159000);
    expect(liveTime(1788762159.5)).toBe(1788762159000);
    const far = [1e13, 1e300, '999999999999', '2999-02-01 18:43:32'];
    for (const none of [0, 0.5, -62170012800, ...far, '0', '0000-00-00 00:00:00', 'yesterday', undefined])
      expect(liveTime(none)).toBeUndefined();
  });
});
