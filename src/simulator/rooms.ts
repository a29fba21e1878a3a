import { AREAS, MEDALS, TITLES } from './catalogue.js';
import type { RoomFace } from './messages/message.js';
import { nameOf } from './messages/people.js';
import type { SimulatorOptions } from './options.js';
import { between, drawFrom, mixSeed, pick, zipfShares } from './random.js';

/** Why a room cannot be watched. */
export type RoomBar = 'locked' | 'encrypted' | 'region' | 'hidden';

/** A room, with what changes. */
export interface SimulatedRoom {
  readonly face: RoomFace;
  readonly bar: RoomBar | undefined;
  title: string;
  area: { id: number; name: string; parentId: number; parentName: string };
  /** 0 offline, 1 live, 2 rebroadcast. */
  liveStatus: 0 | 1 | 2;
  /** Milliseconds since the epoch; 0 while offline. */
  liveSince: number;
  liveKey: string;
  /** Times the room's usual traffic. */
  boost: number;
  /** Numbers of the last chats, newest last, at most ten. */
  recentChats: number[];
  /** Numbers of super chats, newest last, at most twenty. */
  recentSuperChats: number[];
}

/** Rooms that cannot be watched, by a fixed id. */
export const BARRED_ROOMS: Readonly<Record<RoomBar, number>> = {
  locked: 404_001,
  encrypted: 404_002,
  region: 404_003,
  hidden: 404_004,
};

const FIRST_ROOM = 22_600_000;
const SHORT_IDS = 5;

/** The same seed gives the same rooms, most popular first; those that cannot be watched come last. */
export function makeRooms(options: SimulatorOptions, now: number): SimulatedRoom[] {
  const shares = zipfShares(options.rooms, options.zipf);
  const rooms = shares.map((share, index) => makeRoom(options, index, FIRST_ROOM + index * 37, share, undefined, now));
  const bars: RoomBar[] = ['locked', 'encrypted', 'region', 'hidden'];
  for (const bar of bars) rooms.push(makeRoom(options, rooms.length, BARRED_ROOMS[bar], 0, bar, now));
  return rooms;
}

function makeRoom(
  options: SimulatorOptions,
  index: number,
  roomId: number,
  share: number,
  bar: RoomBar | undefined,
  now: number,
): SimulatedRoom {
  const draw = drawFrom(mixSeed(options.seed ^ 0x5eed, index));
  const parent = pick(draw, AREAS);
  const area = pick(draw, parent.list);
  const live = bar === undefined && draw() >= options.offlineShare;
  const face: RoomFace = {
    index,
    roomId,
    shortId: bar === undefined && index < SHORT_IDS ? 101 + index : 0,
    uid: 10_000_000 + index * 7,
    name: nameOf(draw),
    medal: pick(draw, MEDALS),
    masked: draw() < options.maskedShare,
    share,
  };
  const liveSince = live ? now - between(draw, 60, 14_400) * 1000 : 0;
  return {
    face,
    bar,
    title: pick(draw, TITLES),
    area: { id: area.id, name: area.name, parentId: parent.id, parentName: parent.name },
    liveStatus: live ? 1 : 0,
    liveSince,
    liveKey: live ? `7336${String(liveSince).padStart(14, '0')}` : '',
    boost: 1,
    recentChats: [],
    recentSuperChats: [],
  };
}

/** The number the lists are sorted by. */
export const popularityOf = (room: SimulatedRoom): number =>
  room.liveStatus === 0 ? 0 : Math.max(1, Math.round(room.face.share * room.boost * 10_000_000));
