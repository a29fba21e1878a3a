import type { EventDraft } from '../../../model/event.js';
import type { PlacedDraft } from '../../platform.js';
import { holdsMore } from '../proto/read-pb.js';
import { GIFTS_FIELD, type GiftV2, readSendGiftV2, type SendGiftV2 } from '../proto/send-gift-v2.js';
import { readId, readName, readObject, readTime, SECONDS } from '../wire.js';
import { type Incoming, noData, type Unreadable } from './draft.js';
import { giftOf, originalOf } from './gift.js';
import { badgeOf, describeUser, tierOf, userOf } from './user.js';

const MAX_GIFTS = 1000;

function senderOf(message: SendGiftV2, ownerId: string | undefined): EventDraft['user'] {
  const { medal, sender } = message;
  const badge =
    (medal && badgeOf(medal.name, medal.level, medal.anchorRoomId, undefined)) ??
    (sender?.medal && badgeOf(sender.medal.name, sender.medal.level, undefined, undefined));
  return describeUser(userOf(message.uid, message.uname || sender?.uname, ownerId), badge, tierOf(message.guardLevel));
}

function draftOf(wire: GiftV2, message: SendGiftV2, incoming: Incoming): PlacedDraft | undefined {
  const { id, name, num, price, totalCoin, coinType } = wire;
  const given = giftOf(id, name, num, price, totalCoin, coinType);
  if (given === undefined) return undefined;
  const comboId = readName(wire.batchComboId, 256);
  if (comboId !== undefined) given.comboId = comboId;
  const original = message.blind && originalOf(message.blind.originalName, message.blind.originalPrice);
  if (original !== undefined) given.original = original;
  const draft: PlacedDraft = { kind: 'gift', place: incoming.place, gift: given };
  const tid = readId(wire.tid);
  if (tid !== undefined) {
    draft.messageId = tid;
    draft.key = `gift:${tid}`;
  }
  const at = readTime(wire.timestamp, SECONDS);
  if (at !== undefined) draft.at = at;
  const user = senderOf(message, incoming.ownerId);
  if (user !== undefined) draft.user = user;
  return draft;
}

/** `SEND_GIFT_V2`: several gifts of one sender. One that cannot be read makes the message unreadable: money is not counted by halves. */
export function giftsV2(incoming: Incoming): PlacedDraft[] | Unreadable {
  const data = readObject<'pb'>(incoming.message.data);
  if (data === undefined) return noData;
  if (holdsMore(data.pb, GIFTS_FIELD, MAX_GIFTS)) return { reason: `it holds more than ${MAX_GIFTS} gifts` };
  const message = readSendGiftV2(data.pb);
  if (message === undefined) return { reason: 'its "pb" does not parse' };
  if (message.gifts.length === 0) return { reason: 'it holds no gift' };
  const drafts = message.gifts.map((gift) => draftOf(gift, message, incoming)).filter((draft) => draft !== undefined);
  return drafts.length === message.gifts.length ? drafts : { reason: 'a gift without id, name or count' };
}
