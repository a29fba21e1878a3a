import type { EventDraft } from '../../../model/event.js';
import { ALL, namesOf } from '../partial-json.js';
import { readId, readInt, readName, readObject, readText, type Wire } from '../wire.js';

type User = NonNullable<EventDraft['user']>;
type Badge = NonNullable<User['badge']>;

/** Names end in `***` for anonymous readers (seen in 2026-09); no name that a user can choose holds an asterisk. */
const MASK = '***';

/** Who did it; nothing where the message names nobody. */
export function userOf(uid: unknown, uname: unknown, ownerId?: string): User | undefined {
  const id = readId(uid, 64);
  const name = readText(uname, 256);
  if (id === undefined && !name) return undefined;
  const user: User = { name: name ?? '' };
  if (id !== undefined) {
    user.id = id;
    if (id === ownerId) user.role = 'anchor';
  }
  if (id === undefined || user.name.includes(MASK)) user.masked = true;
  return user;
}

/** A fan badge; nothing where none is worn. */
export function badgeOf(name: unknown, level: unknown, roomId: unknown, anchorName: unknown): Badge | undefined {
  const badgeName = readName(name, 64);
  const badgeLevel = readInt(level);
  if (badgeName === undefined || badgeLevel === undefined) return undefined;
  const badge: Badge = { name: badgeName, level: badgeLevel };
  const room = readId(roomId, 64);
  if (room !== undefined) badge.roomId = room;
  const anchor = readName(anchorName, 256);
  if (anchor !== undefined) badge.anchorName = anchor;
  return badge;
}

const MEDAL = { medal_name: ALL, medal_level: ALL, anchor_roomid: ALL, anchor_uname: ALL };
type Medal = keyof typeof MEDAL;

/** All that {@link badgeOfMedal} looks at. */
export const WANTED_OF_MEDAL = namesOf(MEDAL);

/** The badge as gifts, super chats, likes and entries tell it (`medal_info`, `fans_medal`). */
export function badgeOfMedal(value: unknown): Badge | undefined {
  const medal: Wire<Medal> | undefined = readObject(value);
  return medal && badgeOf(medal.medal_name, medal.medal_level, medal.anchor_roomid, medal.anchor_uname);
}

/** The membership tier; 0 stands for none. */
export function tierOf(value: unknown): number | undefined {
  const tier = readInt(value);
  return tier === 0 ? undefined : tier;
}

/** Adds what is known of `user`; an absent value leaves its field out. */
export function describeUser(
  user: User | undefined,
  badge: Badge | undefined,
  tier: number | undefined,
  level?: number,
): User | undefined {
  if (user === undefined) return undefined;
  if (badge !== undefined) user.badge = badge;
  if (tier !== undefined) user.tier = tier;
  if (level !== undefined) user.level = level;
  return user;
}
