import type { EventKind } from '../../../model/event-kind.js';
import type { PlacedDraft } from '../../platform.js';
import { ALL, namesOf } from '../partial-json.js';
import { readInteractWordV2 } from '../proto/interact-word-v2.js';
import { NANOSECONDS, readInt, readName, readObject, readTime, SECONDS } from '../wire.js';
import type { Incoming } from './draft.js';
import { notice } from './notice.js';
import { badgeOfMedal, describeUser, tierOf, userOf, WANTED_OF_MEDAL } from './user.js';

/** 4 is a follow that asks to be told of every broadcast, 5 one of two users who follow each other. */
const KIND_OF_TYPE: readonly (EventKind | undefined)[] = [undefined, 'enter', 'follow', 'share', 'follow', 'follow'];

/**
 * A message that came without its type is the least it can be, somebody's entry, and keeps its name beside that: captures that were made
 * anonymous have such ones. A type we do not know is a notice.
 */
function draftOfType(msgType: number | undefined, incoming: Incoming): PlacedDraft {
  const { place, cmd } = incoming;
  if (!msgType) return { kind: 'enter', place, type: cmd };
  const kind = KIND_OF_TYPE[msgType];
  if (kind === undefined) return notice(incoming);
  return msgType > 3 ? { kind, place, type: `${cmd}:${msgType}` } : { kind, place };
}

type Interaction = 'fans_medal' | 'msg_type' | 'timestamp' | 'trigger_time' | 'uid' | 'uname';

/** `INTERACT_WORD` */
export function interactWord(incoming: Incoming): PlacedDraft {
  const data = readObject<Interaction>(incoming.message.data);
  const draft = draftOfType(readInt(data?.msg_type), incoming);
  const at = readTime(data?.trigger_time, NANOSECONDS) ?? readTime(data?.timestamp, SECONDS);
  if (at !== undefined) draft.at = at;
  const tier = tierOf(readObject<'guard_level'>(data?.fans_medal)?.guard_level);
  const user = describeUser(userOf(data?.uid, data?.uname, incoming.ownerId), badgeOfMedal(data?.fans_medal), tier);
  if (user !== undefined) draft.user = user;
  return draft;
}

/** `INTERACT_WORD_V2` */
export function interactWordV2(incoming: Incoming): PlacedDraft {
  const pb = readObject<'pb'>(incoming.message.data)?.pb;
  const message = readInteractWordV2(pb);
  if (message === undefined && pb !== undefined && pb !== '') return notice(incoming);
  const draft = draftOfType(message?.msgType, incoming);
  const at = message && readTime(message.timestamp, SECONDS);
  if (at !== undefined) draft.at = at;
  const user = message && userOf(message.uid, message.uname, incoming.ownerId);
  if (user !== undefined) draft.user = user;
  return draft;
}

const ENTRY = {
  copy_writing: ALL,
  privilege_type: ALL,
  trigger_time: ALL,
  uid: ALL,
  uinfo: namesOf({ base: namesOf({ name: ALL }) }),
};
type Entry = keyof typeof ENTRY;

/** All that {@link entryEffect} looks at. */
export const WANTED_OF_ENTRY = namesOf(ENTRY);

/** The name as the greeting shows it, `欢迎舰长 <%name%> 进入直播间`; it is cut there when it is long. */
const greeted = (text: unknown): string | undefined =>
  typeof text === 'string' ? /<%([^%]{1,256})%>/.exec(text)?.[1] : undefined;

/** `ENTRY_EFFECT`: a member's entry is announced. */
export function entryEffect({ message, place, cmd, ownerId }: Incoming): PlacedDraft {
  const draft: PlacedDraft = { kind: 'enter', place, type: cmd };
  const data = readObject<Entry>(message.data);
  const base = readObject<'name'>(readObject<'base'>(data?.uinfo)?.base);
  const at = readTime(data?.trigger_time, NANOSECONDS);
  if (at !== undefined) draft.at = at;
  const name = readName(base?.name, 256) ?? greeted(data?.copy_writing);
  const user = describeUser(userOf(data?.uid, name, ownerId), undefined, tierOf(data?.privilege_type));
  if (user !== undefined) draft.user = user;
  return draft;
}

const LIKE = { uid: ALL, uname: ALL, like_text: ALL, fans_medal: WANTED_OF_MEDAL };
type Like = keyof typeof LIKE;

/** All that {@link like} looks at. */
export const WANTED_OF_LIKE = namesOf(LIKE);

/** `LIKE_INFO_V3_CLICK` */
export function like({ message, place, ownerId }: Incoming): PlacedDraft {
  const draft: PlacedDraft = { kind: 'like', place };
  const data = readObject<Like>(message.data);
  const text = readName(data?.like_text, 4096);
  if (text !== undefined) draft.text = text;
  const user = describeUser(userOf(data?.uid, data?.uname, ownerId), badgeOfMedal(data?.fans_medal), undefined);
  if (user !== undefined) draft.user = user;
  return draft;
}
