import type { PlacedDraft } from '../../platform.js';
import { parseJson } from '../json.js';
import { QUOTE, BACKSLASH } from '../json-signs.js';
import { ALL, namesOf, placesOf } from '../partial-json.js';
import {
  MILLISECONDS,
  readId,
  readInt,
  readList,
  readName,
  readObject,
  readText,
  readTime,
  readUrl,
  SECONDS,
  type Wire,
} from '../wire.js';
import type { Incoming, Unreadable } from './draft.js';
import { badgeOf, describeUser, tierOf, userOf } from './user.js';

type Extra = 'id_str' | 'reply_mid' | 'reply_uname';

const ID_FIELD = ',"id_str":"';
const NO_REPLY = ',"reply_mid":0,';
const PLAIN_ID = /^[\w-]{1,64}$/;

/**
 * The id in a chat's `extra`, which is JSON text of a kilobyte inside the message; nothing when only parsing it can tell. A quote within a
 * text is always escaped, so the searched name, whose quotes have no backslash before them, is a name of the object and not chat text.
 */
function quickId(extra: string): string | undefined {
  const start = extra.indexOf(ID_FIELD) + ID_FIELD.length;
  if (start < ID_FIELD.length || !extra.includes(NO_REPLY, start)) return undefined;
  const id = extra.slice(start, extra.indexOf('"', start));
  return PLAIN_ID.test(id) ? id : undefined;
}

const ESCAPED_ID = Buffer.from(',\\"id_str\\":\\"');
const ESCAPED_NO_REPLY = Buffer.from(',\\"reply_mid\\":0,');

/** Of a chat's `extra`, while it is still text within JSON, as much as {@link quickId} looks at. */
function quickExtra(content: Buffer): string | undefined {
  const id = content.indexOf(ESCAPED_ID) + ESCAPED_ID.length;
  if (id < ESCAPED_ID.length) return undefined;
  const idEnd = content.indexOf(BACKSLASH, id);
  if (content[idEnd + 1] !== QUOTE || content.indexOf(ESCAPED_NO_REPLY, idEnd) < 0) return undefined;
  const own = content.toString('latin1', id, idEnd);
  return PLAIN_ID.test(own) ? `${ID_FIELD}${own}"${NO_REPLY}` : undefined;
}

/** All that {@link chat} looks at; two thirds of a chat are not: an object `user`, which repeats the sender, and most of `extra`. */
export const WANTED_OF_CHAT = placesOf({
  0: placesOf({ 3: ALL, 4: ALL, 5: ALL, 7: ALL, 12: ALL, 13: ALL, 15: namesOf({ extra: { quoted: quickExtra } }) }),
  1: ALL,
  2: placesOf({ 0: ALL, 1: ALL, 2: ALL }),
  3: placesOf({ 0: ALL, 1: ALL, 2: ALL, 3: ALL }),
  4: placesOf({ 0: ALL }),
  7: ALL,
  9: namesOf({ ts: ALL }),
});

/** Reads the id, and whom the chat answers, out of `extra`. */
function readExtra(draft: PlacedDraft, extra: unknown): string | undefined {
  if (typeof extra !== 'string') return undefined;
  const quick = quickId(extra);
  if (quick !== undefined) return quick;
  const fields = readObject<Extra>(parseJson(extra)?.value);
  if (fields === undefined) return undefined;
  const replyName = readName(fields.reply_uname, 256);
  if (replyName !== undefined) {
    const replyId = readId(fields.reply_mid, 64);
    draft.replyTo = replyId === undefined ? { name: replyName } : { id: replyId, name: replyName };
  }
  return readId(fields.id_str);
}

/** The chat's identity: its own id, or else its time, its random number and the hash of its sender, which a replay repeats together. */
function identify(draft: PlacedDraft, head: readonly unknown[], own: string | undefined): void {
  if (own !== undefined) {
    draft.messageId = own;
    draft.key = `chat:${own}`;
    return;
  }
  const random = readInt(head[5]);
  const sender = readId(head[7], 32);
  if (draft.at === undefined || random === undefined || sender === undefined) return;
  draft.key = `chat:${draft.at}:${random}:${sender}`;
}

function describeSticker(draft: PlacedDraft, value: unknown): void {
  const sticker: Wire<'emoticon_unique' | 'url'> | undefined = readObject(value);
  const id = sticker && readId(sticker.emoticon_unique, 160);
  if (id === undefined) return;
  const url = readUrl(sticker?.url);
  draft.sticker = url === undefined ? { id } : { id, url };
}

function describeSender(draft: PlacedDraft, info: readonly unknown[], ownerId: string | undefined): void {
  const sender = readList(info[2]);
  const user = userOf(sender[0], sender[1], ownerId);
  if (user === undefined) return;
  const medal = readList(info[3]);
  const badge = medal.length > 0 ? badgeOf(medal[1], medal[0], medal[3], medal[2]) : undefined;
  if (user.role === undefined && sender[2] === 1) user.role = 'moderator';
  draft.user = user;
  describeUser(user, badge, tierOf(info[7]), readInt(readList(info[4])[0]));
}

/** `DANMU_MSG`, a list whose places grow and shrink; and `DANMU_MSG_MIRROR`, the same from a room that is shown together with this one. */
export function chat({ message, cmd, place, ownerId }: Incoming): PlacedDraft | Unreadable {
  const info = readList(message.info);
  const text = readText(info[1], 4096);
  if (text === undefined) return { reason: 'it has no text at info[1]' };
  const draft: PlacedDraft = { kind: 'chat', place, text };
  const head = readList(info[0]);
  const at = readTime(head[4], MILLISECONDS) ?? readTime(readObject<'ts'>(info[9])?.ts, SECONDS);
  if (at !== undefined) draft.at = at;
  identify(draft, head, readExtra(draft, readObject<'extra'>(head[15])?.extra));
  describeSender(draft, info, ownerId);
  const color = readInt(head[3]);
  if (color !== undefined && color >= 0 && color <= 0xffffff) draft.color = color;
  if (head[12] === 1) describeSticker(draft, head[13]);
  if (cmd !== 'DANMU_MSG') draft.type = cmd;
  return draft;
}
