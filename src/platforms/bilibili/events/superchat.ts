import type { PlacedDraft } from '../../platform.js';
import { readCount, readId, readInt, readName, readObject, readText, readTime, SECONDS } from '../wire.js';
import { type Incoming, noData, type Unreadable } from './draft.js';
import { badgeOfMedal, describeUser, tierOf, userOf } from './user.js';

type SuperChat =
  | 'end_time'
  | 'id'
  | 'medal_info'
  | 'message'
  | 'message_jpn'
  | 'message_trans'
  | 'price'
  | 'start_time'
  | 'time'
  | 'ts'
  | 'uid'
  | 'user_info';

/** Fen of a price in CNY, which may have a fraction. */
function fenOf(price: unknown): number | undefined {
  return typeof price === 'number' && price >= 0 ? readCount(Math.round(price * 100)) : undefined;
}

function durationOf(time: unknown, start: unknown, end: unknown): number {
  return readCount(time) ?? readCount((readInt(end) ?? 0) - (readInt(start) ?? 0)) ?? 0;
}

/** `SUPER_CHAT_MESSAGE` and its Japanese twin, which has the same id: one super chat. */
export function superchat({ message, place, ownerId }: Incoming): PlacedDraft | Unreadable {
  const data = readObject<SuperChat>(message.data);
  if (data === undefined) return noData;
  const price = fenOf(data.price);
  if (price === undefined) return { reason: 'a super chat without a price' };
  const durationSeconds = durationOf(data.time, data.start_time, data.end_time);
  const draft: PlacedDraft = { kind: 'superchat', place, superchat: { price, currency: 'CNY', durationSeconds } };
  const text = readText(data.message, 4096);
  if (text !== undefined) draft.text = text;
  const translation = readName(data.message_trans, 4096) ?? readName(data.message_jpn, 4096);
  if (translation !== undefined && draft.superchat) draft.superchat.translation = translation;
  const id = readId(data.id);
  if (id !== undefined) {
    draft.messageId = id;
    draft.key = `superchat:${id}`;
  }
  const at = readTime(data.ts, SECONDS) ?? readTime(data.start_time, SECONDS);
  if (at !== undefined) draft.at = at;
  const info = readObject<'uname' | 'guard_level' | 'user_level' | 'manager'>(data.user_info);
  const user = describeUser(
    userOf(data.uid, info?.uname, ownerId),
    badgeOfMedal(data.medal_info),
    tierOf(info?.guard_level),
    readInt(info?.user_level),
  );
  if (user !== undefined) {
    if (user.role === undefined && info?.manager === 1) user.role = 'moderator';
    draft.user = user;
  }
  return draft;
}
