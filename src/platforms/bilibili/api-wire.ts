import { z } from 'zod';
import { MILLISECONDS, readTime, SECONDS } from './wire.js';

/**
 * The answers of Bilibili's HTTP interfaces, as far as barrage reads them: names and shapes are theirs.
 * Numbers come as text here and there, and "nothing" as `[]`, `{}`, `null` or an absent field.
 */

/** Ids go beyond nothing that a double cannot hold (uids have 16 digits at most), and come as numbers or as text. */
const id = z.union([z.int().min(0).transform(String), z.string().regex(/^\d{1,20}$/)]);
/** Whole and exact, as our records want it, however odd the number that came. */
const number = z.union([
  z.number().transform(wholeNumber),
  z
    .string()
    .regex(/^\d{1,15}$/)
    .transform(Number),
]);
const text = z.string().max(4096);
/** A field that is decoration: anything unexpected in it counts as absent. */
const optional = <T extends z.ZodType>(type: T) => type.optional().catch(undefined);

export const Envelope = z.looseObject({ code: z.int(), data: z.unknown().optional() });

export const NavData = z.looseObject({
  wbi_img: z.looseObject({ img_url: text, sub_url: text }),
});

export const SpiData = z.looseObject({ b_3: text.min(1), b_4: optional(text) });

export const RoomInitData = z.looseObject({
  room_id: id,
  short_id: optional(id),
  uid: optional(id),
  is_locked: optional(z.boolean()),
  encrypted: optional(z.boolean()),
  pwd_verified: optional(z.boolean()),
});

export const InfoByRoomData = z.looseObject({
  room_info: z.looseObject({
    room_id: id,
    short_id: optional(id),
    uid: optional(id),
    title: optional(text),
    live_status: z.int(),
    live_start_time: optional(number),
    lock_status: optional(number),
    online: optional(number),
    area_id: optional(id),
    area_name: optional(text),
    parent_area_id: optional(id),
    parent_area_name: optional(text),
  }),
  anchor_info: optional(z.looseObject({ base_info: z.looseObject({ uname: text }) })),
  block_info: optional(z.looseObject({ block: z.boolean() })),
});

/** Keyed by uid; PHP writes an empty map as an empty list. Loose inside: one odd room must not hide the others. */
export const StatusData = z.union([
  z.record(z.string(), z.unknown()),
  z
    .array(z.unknown())
    .max(0)
    .transform(() => ({})),
]);

export const StatusRoom = z.looseObject({
  room_id: id,
  live_status: z.int(),
  title: optional(text),
  online: optional(number),
  live_time: optional(z.union([z.number(), text])),
  area_v2_name: optional(text),
  area_v2_parent_name: optional(text),
  area_name: optional(text),
});
export type StatusRoom = z.output<typeof StatusRoom>;

/** `room/v3` answers `{count, list}`, `room/v1` the list itself. */
export const RoomListData = z.union([
  z.array(z.unknown()).transform((list) => ({ list, count: undefined })),
  z
    .looseObject({ list: z.array(z.unknown()).nullish(), count: optional(number) })
    .transform(({ list, count }) => ({ list: list ?? [], count })),
]);

export const ListedRoom = z.looseObject({
  roomid: id,
  uid: optional(id),
  uname: optional(text),
  title: optional(text),
  online: number,
  area_id: optional(id),
  area_name: optional(text),
  parent_id: optional(id),
  parent_name: optional(text),
});
export type ListedRoom = z.output<typeof ListedRoom>;

/** Each parent with its areas. */
export const AreasData = z.array(z.looseObject({ id, list: z.array(z.looseObject({ id })).nullish() }));

export const DanmuInfoData = z.looseObject({
  token: text.min(1),
  host_list: z
    .array(
      z.looseObject({ host: text, port: optional(z.int()), ws_port: optional(z.int()), wss_port: optional(z.int()) }),
    )
    .max(100),
});
export type DanmuHost = z.output<typeof DanmuInfoData>['host_list'][number];

/** Without its fraction, and no further from 0 than a double is exact. */
function wholeNumber(value: number): number {
  return Math.max(Number.MIN_SAFE_INTEGER, Math.min(Math.trunc(value), Number.MAX_SAFE_INTEGER)) + 0; // + 0: no negative zero
}

/**
 * Milliseconds since the epoch of `live_time`: seconds in some interfaces, `YYYY-MM-DD HH:mm:ss` of UTC+8 in others.
 * Undefined for "not live", which is 0, `0000-00-00 00:00:00` or a number before it, and for what is no time of our century.
 */
export function liveTime(value: number | string | undefined): number | undefined {
  if (typeof value === 'number' || (value !== undefined && /^\d{1,12}$/.test(value))) {
    return readTime(Math.trunc(Number(value)), SECONDS);
  }
  if (value === undefined || !/^[12]\d{3}-\d\d-\d\d \d\d:\d\d:\d\d$/.test(value)) return undefined;
  return readTime(Date.parse(`${value.replace(' ', 'T')}+08:00`), MILLISECONDS);
}

/** 2 is a rebroadcast of old recordings, which counts as offline. */
export const isLive = (liveStatus: number): boolean => liveStatus === 1;
