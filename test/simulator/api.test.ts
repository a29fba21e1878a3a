import { existsSync, readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { BARRED_ROOMS } from '../../src/simulator/rooms.js';
import { startSimulator, type Simulator } from '../../src/simulator/simulator.js';
import { PUBLISHED_KEYS, signatureOf, wbiFault } from '../../src/simulator/wbi-check.js';
import { ask, signed } from './raw-client.js';

const DANMU_INFO = '/xlive/web-room/v1/index/getDanmuInfo';
const INFO_BY_ROOM = '/xlive/web-room/v1/index/getInfoByRoom';
const FIXTURES = new URL('../../../shared/fixtures/bilibili/', import.meta.url);

let simulator: Simulator;
let roomId: string;
beforeAll(async () => {
  simulator = await startSimulator({ rooms: 70, rate: 0, deadHosts: 1, apiPerSecond: 10_000, apiBurst: 10_000 });
  roomId = String(simulator.rooms[0]?.face.roomId);
});
afterAll(async () => simulator.close());

const get = (path: string, cookie?: string) => ask(simulator.url, path, cookie);

describe('the signature', () => {
  it('of the published example is the published one', () => {
    const query = { foo: '114', bar: '514', zab: '1919810', wts: '1702204169' };
    expect(signatureOf(new Map(Object.entries(query)), PUBLISHED_KEYS)).toBe('8f6f2b5b3d485fe1886cec6a0be8c5d4');
  });

  it('is not accepted when a parameter was changed after it, when it is missing, or hours old', () => {
    const query = new URLSearchParams(signed('', { id: '1' }).slice(1));
    expect(wbiFault(query, PUBLISHED_KEYS, Date.now())).toBeUndefined();
    expect(wbiFault(query, PUBLISHED_KEYS, Date.now() + 7_200_000)).toBeDefined();
    query.set('id', '2');
    expect(wbiFault(query, PUBLISHED_KEYS, Date.now())).toBeDefined();
    expect(wbiFault(new URLSearchParams('id=1'), PUBLISHED_KEYS, Date.now())).toBeDefined();
  });
});

describe('the interfaces', () => {
  it('give the keys with -101 to who is not logged in', async () => {
    const { body } = await get('/x/web-interface/nav');
    expect(body).toMatchObject({
      code: -101,
      data: { wbi_img: { img_url: expect.stringContaining(PUBLISHED_KEYS.img) } },
    });
  });

  it('give a visitor id, by the interface and by a cookie of the front page', async () => {
    expect((await get('/x/frontend/finger/spi')).body.data.b_3).toMatch(/infoc$/);
    const page = await fetch(simulator.url);
    expect(page.headers.get('set-cookie')).toMatch(/^buvid3=.+infoc;/);
  });

  it('answer -352 to a token request that is unsigned, wrongly signed or without a visitor id', async () => {
    const path = signed(DANMU_INFO, { id: roomId, type: '0' });
    expect((await get(path)).body.code).toBe(0);
    expect((await get(`${DANMU_INFO}?id=${roomId}`)).body.code).toBe(-352);
    expect((await get(path.replace('id=', 'id=1'))).body.code).toBe(-352);
    expect((await get(path, '')).body.code).toBe(-352);
    expect((await get(`${INFO_BY_ROOM}?room_id=${roomId}`)).headers.get('x-bili-gaia-vvoucher')).toMatch(/^voucher_/);
  });

  it('name every host of the chat, those that refuse first', async () => {
    const { body } = await get(signed(DANMU_INFO, { id: roomId }));
    const ports = body.data.host_list.map(({ ws_port }: { ws_port: number }) => ws_port);
    expect(ports.slice(1)).toEqual(simulator.sockets.hosts.map(({ port }) => port));
    await expect(fetch(`http://127.0.0.1:${ports[0]}/`)).rejects.toThrow();
  });

  it('resolve a short id', async () => {
    expect((await get('/room/v1/Room/room_init?id=101')).body.data).toMatchObject({
      room_id: Number(roomId),
      short_id: 101,
    });
    expect((await get('/room/v1/Room/get_info?room_id=101')).body.data.room_id).toBe(Number(roomId));
    expect((await get(signed(INFO_BY_ROOM, { room_id: '101' }))).body.data.room_info.room_id).toBe(Number(roomId));
  });

  it('tell of rooms that are locked, encrypted, shut to the region, or not there', async () => {
    const { locked, encrypted, region } = BARRED_ROOMS;
    expect((await get(`/room/v1/Room/room_init?id=${locked}`)).body.data.is_locked).toBe(true);
    expect((await get(`/room/v1/Room/room_init?id=${encrypted}`)).body.data.encrypted).toBe(true);
    expect((await get(signed(INFO_BY_ROOM, { room_id: String(region) }))).body.data.block_info.block).toBe(true);
    expect((await get(signed(INFO_BY_ROOM, { room_id: '999999999' }))).body).toMatchObject({
      code: 19_002_000,
      data: null,
    });
    expect((await get('/room/v1/Room/room_init?id=999999999')).body.code).toBe(60_004);
  });

  it('list live rooms page after page, most popular first, each once', async () => {
    const rooms: { roomid: number; online: number }[] = [];
    for (let page = 1; page <= 3; page++) {
      const { body } = await get(
        `/room/v3/area/getRoomList?parent_area_id=0&area_id=0&sort_type=online&page=${page}&page_size=30`,
      );
      expect(body.data.count).toBe(70);
      rooms.push(...body.data.list);
    }
    expect(new Set(rooms.map(({ roomid }) => roomid)).size).toBe(70);
    expect(rooms.map(({ online }) => online)).toEqual(rooms.map(({ online }) => online).sort((a, b) => b - a));
    const past = await get('/room/v1/Area/getListByAreaID?areaId=0&parent_area_id=0&sort=online&pageSize=30&page=99');
    expect(past.body.data).toEqual([]);
  });

  it('list one area only', async () => {
    const { body } = await get('/room/v1/area/getRoomList?parent_area_id=2&area_id=0&page=1&page_size=30');
    expect(body.data.length).toBeGreaterThan(0);
    expect(new Set(body.data.map(({ parent_id }: { parent_id: number }) => parent_id))).toEqual(new Set([2]));
  });

  it('tell the status of many rooms at once', async () => {
    const uids = simulator.rooms.slice(0, 40).map(({ face }) => `uids[]=${face.uid}`);
    const { body } = await get(`/room/v1/Room/get_status_info_by_uids?${uids.join('&')}`);
    expect(Object.keys(body.data)).toHaveLength(40);
  });

  it('tell the last chats with the ids of the socket, and the super chats on show', async () => {
    const room = Number(roomId);
    const n = simulator.emit(room, 'DANMU_MSG');
    simulator.room(room).recentChats.push(n);
    simulator.room(room).recentSuperChats.push(simulator.emit(room, 'SUPER_CHAT_MESSAGE'));
    const { body } = await get(`/xlive/web-room/v1/dM/gethistory?roomid=${roomId}`);
    expect(body.data.room.at(-1).id_str).toBe(simulator.ledger.expected(n)[0]?.fields['messageId']);
    expect((await get(`/av/v1/SuperChat/getMessageList?room_id=${roomId}`)).body.data.list).toHaveLength(1);
    const quiet = simulator.rooms[9]?.face.roomId;
    expect((await get(`/av/v1/SuperChat/getMessageList?room_id=${quiet}`)).body.data.list).toBeNull();
  });

  it('count every request by its path', async () => {
    const before = simulator.stats().requests['/x/web-interface/nav'] ?? 0;
    await get('/x/web-interface/nav');
    expect(simulator.stats().requests['/x/web-interface/nav']).toBe(before + 1);
  });
});

describe('an address', () => {
  it('that asks too often gets 429 with -799 and a time to wait', async () => {
    const strict = await startSimulator({ rooms: 1, rate: 0, apiBurst: 3, apiPerSecond: 0.5 });
    const answers = await Promise.all(Array.from({ length: 5 }, () => ask(strict.url, '/x/web-interface/nav')));
    await strict.close();
    const refused = answers.filter(({ status }) => status === 429);
    expect(refused).toHaveLength(2);
    expect(refused[0]?.body.code).toBe(-799);
    expect(Number(refused[0]?.headers.get('retry-after'))).toBeGreaterThanOrEqual(1);
  });

  it('that is blocked gets 412 with -412 until the block is over', async () => {
    simulator.faults.block(200);
    expect(await get('/x/web-interface/nav')).toMatchObject({ status: 412, body: { code: -412 } });
    await expect.poll(async () => (await get('/x/web-interface/nav')).status).toBe(200);
  });
});

describe.runIf(existsSync(FIXTURES))('the answers have the shape of captured ones', () => {
  it.each([
    ['nav.json', '/x/web-interface/nav', ''],
    ['finger-spi.json', '/x/frontend/finger/spi', ''],
    ['getDanmuInfo.json', DANMU_INFO, 'id'],
    ['room-live.json', INFO_BY_ROOM, 'room_id'],
    ['room-list.json', '/room/v1/area/getRoomList', ''],
    ['list-by-area-id.json', '/room/v1/Area/getListByAreaID', ''],
    ['areas.json', '/room/v1/Area/getList', ''],
    ['gift-config.json', '/xlive/web-room/v1/giftPanel/giftConfig', ''],
    ['superchat-list-empty.json', '/av/v1/SuperChat/getMessageList', ''],
  ])('%s', async (file, path, idName) => {
    const captured: { body: unknown } = JSON.parse(readFileSync(new URL(file, FIXTURES), 'utf8'));
    const { body } = await get(idName === '' ? path : signed(path, { [idName]: roomId }));
    expect(differencesOfShape(captured.body, body, '')).toEqual([]);
  });
});

/** Fields of the capture that are missing here or of another type; what is empty or null there says nothing of its inside. */
function differencesOfShape(captured: unknown, ours: unknown, path: string): string[] {
  if (captured === null || ours === null) return [];
  if (Array.isArray(captured)) {
    if (!Array.isArray(ours)) return [`${path}: not a list`];
    return captured.length === 0 || ours.length === 0 ? [] : differencesOfShape(captured[0], ours[0], `${path}[]`);
  }
  if (typeof captured === 'object') {
    if (typeof ours !== 'object') return [`${path}: not an object`];
    const theirs = new Map<string, unknown>(Object.entries(ours));
    return Object.entries(captured).flatMap(([name, value]) => {
      if (/^\d/.test(name)) return []; // a map's keys
      return theirs.has(name)
        ? differencesOfShape(value, theirs.get(name), `${path}.${name}`)
        : [`${path}.${name}: missing`];
    });
  }
  return typeof captured === typeof ours ? [] : [`${path}: ${typeof ours}, not ${typeof captured}`];
}
