import { BarrageError } from '../../model/errors.js';
import type { LiveRoom, LiveRoomsRequest, RoomInfo, RoomStatus } from '../platform.js';
import type { BilibiliApi } from './api.js';
import type { BilibiliClient } from './api-client.js';
import { AreasData, isLive, ListedRoom, liveTime, RoomListData, StatusData, StatusRoom } from './api-wire.js';
import type { BilibiliConfig } from './config.js';

/** Uids in one request: as many as clients in use send; the query has some 5 KB. */
const UIDS_A_REQUEST = 200;

/** What the site's own page asks for. */
const PAGE_SIZE = 30;

/** What Bilibili's interfaces say of rooms, in our terms. */
export class BilibiliRooms {
  constructor(
    private readonly config: BilibiliConfig,
    private readonly client: BilibiliClient,
    private readonly api: BilibiliApi,
  ) {}

  /** Two requests: `room_init` alone knows of passwords, `getInfoByRoom` alone of the owner's name and of regions. */
  async info(roomId: string, signal: AbortSignal): Promise<RoomInfo> {
    if (!/^\d{1,15}$/.test(roomId)) {
      throw new BarrageError('ROOM_NOT_FOUND', 'A room of Bilibili is a number of at most 15 digits.');
    }
    const init = await this.api.roomInit(roomId, signal);
    if (init.room_id === '0') throw refusal('ROOM_NOT_FOUND', roomId, 'does not exist');
    if (init.is_locked) throw refusal('ROOM_LOCKED', init.room_id, 'is locked by the platform');
    if (init.encrypted && !init.pwd_verified) throw refusal('ROOM_ENCRYPTED', init.room_id, 'asks for a password');
    const { room_info: room, anchor_info, block_info } = await this.api.infoByRoom(init.room_id, signal);
    if (Number(room.lock_status ?? 0) !== 0) throw refusal('ROOM_LOCKED', room.room_id, 'is locked by the platform');
    if (block_info?.block) throw refusal('ROOM_REGION', room.room_id, 'is not shown to this address');
    return present({
      roomId: room.room_id,
      shortId: nonZero(room.short_id),
      ownerId: nonZero(room.uid) ?? nonZero(init.uid),
      ownerName: anchor_info?.base_info.uname,
      title: room.title,
      areaId: nonZero(room.area_id),
      areaName: room.area_name,
      parentAreaId: nonZero(room.parent_area_id),
      parentAreaName: room.parent_area_name,
      isLive: isLive(room.live_status),
      liveStartedAt: isLive(room.live_status) ? liveTime(room.live_start_time) : undefined,
      popularity: room.online,
    });
  }

  /** One request for each 200 rooms, one after another. */
  async statusOfMany(
    rooms: readonly { roomId: string; ownerId: string }[],
    signal: AbortSignal,
  ): Promise<RoomStatus[]> {
    const roomOf = new Map(rooms.map(({ roomId, ownerId }) => [ownerId, roomId]));
    const uids = [...roomOf.keys()];
    const found: RoomStatus[] = [];
    for (let from = 0; from < uids.length; from += UIDS_A_REQUEST) {
      found.push(...(await this.#statusOf(uids.slice(from, from + UIDS_A_REQUEST), signal)));
    }
    const asked = new Set(roomOf.values());
    return found.filter(({ roomId }) => asked.has(roomId));
  }

  /** Ends an area where the count is reached or a page brings nothing new: pages may be short in the middle, and overlap. */
  async *liveRooms(
    { areas, maxPages }: LiveRoomsRequest,
    signal: AbortSignal,
  ): AsyncGenerator<LiveRoom[], void, undefined> {
    const seen = new Set<string>();
    for (const area of await this.#pagings(areas ?? [], signal)) {
      for (let page = 1; page <= maxPages; page++) {
        const { rooms, count } = await this.#page(area, page, signal);
        const fresh = rooms.filter(({ roomId }) => !seen.has(roomId));
        for (const { roomId } of fresh) seen.add(roomId);
        if (fresh.length > 0) yield fresh;
        if (fresh.length === 0 || (count !== undefined && page * PAGE_SIZE >= count)) break;
      }
    }
  }

  async #statusOf(uids: readonly string[], signal: AbortSignal): Promise<RoomStatus[]> {
    const url = new URL('/room/v1/Room/get_status_info_by_uids', this.config.liveApiUrl);
    for (const uid of uids) url.searchParams.append('uids[]', uid);
    const data = await this.client.call({ url, data: StatusData, subject: `Status of ${uids.length} rooms` }, signal);
    return Object.values(data).flatMap((entry) => {
      const room = StatusRoom.safeParse(entry);
      return room.success ? [statusOf(room.data)] : [];
    });
  }

  async #page({ parent, area }: Area, page: number, signal: AbortSignal): Promise<Page> {
    const url = new URL('/room/v3/area/getRoomList', this.config.liveApiUrl);
    url.search = new URLSearchParams({
      platform: 'web',
      parent_area_id: parent,
      area_id: area,
      cate_id: '0',
      sort_type: 'online',
      page: String(page),
      page_size: String(PAGE_SIZE),
    }).toString();
    const { list, count } = await this.client.call(
      { url, data: RoomListData, subject: `Page ${page} of the live rooms` },
      signal,
    );
    const rooms = list.flatMap((entry) => {
      const room = ListedRoom.safeParse(entry);
      return room.success ? [listedRoom(room.data)] : [];
    });
    return { rooms, count };
  }

  /** A filter names parent and inner areas alike; the list wants to know which is which. */
  async #pagings(areas: readonly string[], signal: AbortSignal): Promise<Area[]> {
    if (areas.length === 0) return [{ parent: '0', area: '0' }];
    const url = new URL('/room/v1/Area/getList', this.config.liveApiUrl);
    const parents = await this.client.call({ url, data: AreasData, subject: 'The list of areas' }, signal);
    const isParent = new Set(parents.map(({ id }) => id));
    const parentOf = new Map(parents.flatMap(({ id, list }) => (list ?? []).map((inner) => [inner.id, id] as const)));
    return [...new Set(areas)].map((area) =>
      isParent.has(area) ? { parent: area, area: '0' } : { parent: parentOf.get(area) ?? '0', area },
    );
  }
}

interface Page {
  rooms: LiveRoom[];
  /** Of all pages together, where it is told. */
  count: number | undefined;
}

interface Area {
  parent: string;
  area: string;
}

function statusOf(room: StatusRoom): RoomStatus {
  return present({
    roomId: room.room_id,
    title: room.title,
    isLive: isLive(room.live_status),
    liveStartedAt: isLive(room.live_status) ? liveTime(room.live_time) : undefined,
    popularity: room.online,
    areaName: room.area_v2_name ?? room.area_name,
    parentAreaName: room.area_v2_parent_name,
  });
}

function listedRoom(room: ListedRoom): LiveRoom {
  return present({
    roomId: room.roomid,
    ownerId: nonZero(room.uid),
    ownerName: room.uname,
    title: room.title,
    areaId: nonZero(room.area_id),
    areaName: room.area_name,
    parentAreaId: nonZero(room.parent_id),
    parentAreaName: room.parent_name,
    popularity: room.online,
  });
}

function refusal(code: BarrageError['code'], roomId: string, words: string): BarrageError {
  return new BarrageError(code, `Room ${roomId} ${words}.`, { roomId });
}

/** "None" is 0 in Bilibili's ids. */
const nonZero = (id: string | undefined): string | undefined => (id === '0' ? undefined : id);

type Present<T> = { [K in keyof T as undefined extends T[K] ? never : K]: T[K] } & {
  [K in keyof T as undefined extends T[K] ? K : never]?: Exclude<T[K], undefined>;
};

/** Leaves out what is undefined. */
function present<T extends object>(fields: T): Present<T>;
function present(fields: object): object {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}
