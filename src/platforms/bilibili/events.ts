import type { PlacedDraft } from '../platform.js';
import { entryEffect, interactWord, interactWordV2, like } from './events/interaction.js';
import { liveEnd, liveStart, roomChange } from './events/broadcast.js';
import { chat } from './events/chat.js';
import type { Decode, Incoming, Unreadable } from './events/draft.js';
import { gift } from './events/gift.js';
import { giftsV2 } from './events/gift-v2.js';
import { guardBuy, userToast, userToastV2 } from './events/membership.js';
import { moderation, MODERATION_COMMANDS } from './events/moderation.js';
import { notice } from './events/notice.js';
import { superchat } from './events/superchat.js';
import { MILLISECONDS, readId, readTime } from './wire.js';

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
