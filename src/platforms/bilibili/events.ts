import type { PlacedDraft } from '../platform.js';
import {
  entryEffect,
  interactWord,
  interactWordV2,
  like,
  WANTED_OF_ENTRY,
  WANTED_OF_LIKE,
} from './events/interaction.js';
import { liveEnd, liveStart, roomChange } from './events/broadcast.js';
import { chat, WANTED_OF_CHAT } from './events/chat.js';
import type { Decode, Incoming, Message, Unreadable } from './events/draft.js';
import { gift, WANTED_OF_GIFT } from './events/gift.js';
import { giftsV2 } from './events/gift-v2.js';
import { guardBuy, userToast, userToastV2 } from './events/membership.js';
import { moderation, MODERATION_COMMANDS } from './events/moderation.js';
import { notice } from './events/notice.js';
import { superchat } from './events/superchat.js';
import { QUOTE, COLON } from './json-signs.js';
import { ALL, namesOf, parsePartly, startsWith, type Wanted, type WantedName, wantedName } from './partial-json.js';
import { MILLISECONDS, readId, readObject, readTime } from './wire.js';

/**
 * What each command means. `COMBO_SEND` is not here on purpose: it sums up gifts that came one by one before it, and is kept as a notice
 * like everything else that is not here.
 */
const DECODE: ReadonlyMap<string, Decode> = new Map<string, Decode>([
  ['DANMU_MSG', chat],
  ['DANMU_MSG_MIRROR', chat],
  ['SEND_GIFT', gift],
  ['SEND_GIFT_V2', giftsV2],
  ['GUARD_BUY', guardBuy],
  ['USER_TOAST_MSG', userToast],
  ['USER_TOAST_MSG_V2', userToastV2],
  ['SUPER_CHAT_MESSAGE', superchat],
  ['SUPER_CHAT_MESSAGE_JPN', superchat],
  ['INTERACT_WORD', interactWord],
  ['INTERACT_WORD_V2', interactWordV2],
  ['ENTRY_EFFECT', entryEffect],
  ['LIKE_INFO_V3_CLICK', like],
  ['LIVE', liveStart],
  ['PREPARING', liveEnd],
  ['ROOM_CHANGE', roomChange],
  ...MODERATION_COMMANDS.map((cmd): [string, Decode] => [cmd, moderation]),
]);

const wantedOf = (parts: Readonly<Record<string, Wanted>>): Wanted =>
  namesOf({ cmd: ALL, msg_id: ALL, send_time: ALL, ...parts });

/** Of the commands that come often and are long, and of which nothing is kept as it came: what is looked at. */
const { names: WANTED_BY_LENGTH = [] } = namesOf({
  DANMU_MSG: wantedOf({ info: WANTED_OF_CHAT }),
  DANMU_MSG_MIRROR: wantedOf({ info: WANTED_OF_CHAT }),
  SEND_GIFT: wantedOf({ data: WANTED_OF_GIFT }),
  ENTRY_EFFECT: wantedOf({ data: WANTED_OF_ENTRY }),
  LIKE_INFO_V3_CLICK: wantedOf({ data: WANTED_OF_LIKE }),
});

const BEGINNING = Buffer.from('{"cmd":"');
const MAX_CMD = 64;

/** The command that a message begins with, up to the colon, where parts of it are wanted. */
function leadingCommand(bytes: Buffer, start: number, end: number): WantedName | undefined {
  if (!startsWith(bytes, start, BEGINNING)) return undefined;
  const from = start + BEGINNING.length;
  const most = Math.min(end, from + MAX_CMD);
  for (let at = from; at < most; at += 1) {
    const byte = bytes[at];
    if (byte === QUOTE || byte === COLON) return wantedName(WANTED_BY_LENGTH[at - from], bytes, from);
  }
  return undefined;
}

/** As much of a message as {@link decodeMessage} looks at; nothing where the whole text has to be parsed. */
export function wantedParts(bytes: Buffer, start: number, end: number): Message | undefined {
  const command = leadingCommand(bytes, start, end);
  if (command === undefined) return undefined;
  const message: Message | undefined = readObject(parsePartly(bytes, start, end, command.wanted)?.value);
  // A name that comes twice counts as it comes last.
  return typeof message?.cmd === 'string' && cmdOf(message.cmd) === command.name ? message : undefined;
}

/** What a command is called: what is behind a colon are numbers that mean nothing to us. */
export function cmdOf(fullCmd: string): string {
  const colon = fullCmd.indexOf(':');
  return (colon > 0 ? fullCmd.slice(0, colon) : fullCmd).toWellFormed();
}

/** Gives a draft the time and the id of its message, where its kind has none of its own. */
function complete(draft: PlacedDraft, { message }: Incoming, suffix: string): PlacedDraft {
  if (draft.at === undefined) {
    const at = readTime(message.send_time, MILLISECONDS);
    if (at !== undefined) draft.at = at;
  }
  if (draft.key !== undefined || message.msg_id === undefined) return draft;
  const id = readId(message.msg_id);
  if (id === undefined) return draft;
  draft.messageId ??= id;
  draft.key = `${draft.kind}:${id}${suffix}`;
  return draft;
}

function completeAll(drafts: PlacedDraft[], incoming: Incoming): PlacedDraft[] {
  drafts.forEach((draft, index) => {
    draft.place = `${incoming.place}.${index}`;
    complete(draft, incoming, index === 0 ? '' : `.${index}`);
  });
  return drafts;
}

/** What a message means: an event, several of them (each with a place of its own), or why it cannot be read. */
export function decodeMessage(incoming: Incoming): PlacedDraft | PlacedDraft[] | Unreadable {
  const decode = DECODE.get(incoming.cmd) ?? notice;
  const decoded = decode(incoming);
  if (Array.isArray(decoded)) return completeAll(decoded, incoming);
  return 'reason' in decoded ? decoded : complete(decoded, incoming, '');
}
