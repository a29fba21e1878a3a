import type { EventDraft } from '../../../model/event.js';
import type { PlacedDraft } from '../../platform.js';
import { ALL, namesOf } from '../partial-json.js';
import { readCount, readId, readName, readObject, readText, readTime, SECONDS, type Wire } from '../wire.js';
import { type Incoming, noData, type Unreadable } from './draft.js';
import { badgeOfMedal, describeUser, tierOf, userOf, WANTED_OF_MEDAL } from './user.js';

const GIFT = {
  batch_combo_id: ALL,
  blind_gift: namesOf({ original_gift_name: ALL, original_gift_price: ALL }),
  coin_type: ALL,
  giftId: ALL,
  giftName: ALL,
  guard_level: ALL,
  medal_info: WANTED_OF_MEDAL,
  num: ALL,
  price: ALL,
  rnd: ALL,
  tid: ALL,
  timestamp: ALL,
  total_coin: ALL,
  uid: ALL,
  uname: ALL,
};

type Gift = keyof typeof GIFT;

/** All that {@link gift} looks at. */
export const WANTED_OF_GIFT = namesOf(GIFT);

type DraftGift = NonNullable<EventDraft['gift']>;

/** Gold unless the message says silver: `GUARD_BUY` prices are gold coins, too, and name no coin at all. */
const currencyOf = (coinType: unknown): DraftGift['currency'] =>
  coinType === 'silver' ? 'bilibili:silver' : 'bilibili:gold';

/** A price that is missing or absurd counts as none: the gift itself is worth keeping. */
const priceOf = (value: unknown): number => readCount(value) ?? 0;

const totalOf = (value: unknown, price: number, count: number): number =>
  readCount(value) ?? readCount(price * count) ?? 0;

/** What a gift is, from the values of either message; nothing without an id, a name or a count. */
export function giftOf(
  id: unknown,
  name: unknown,
  num: unknown,
  price: unknown,
  total: unknown,
  coinType: unknown,
): DraftGift | undefined {
  const count = readCount(num);
  const giftId = readId(id, 64);
  const giftName = readText(name, 256);
  if (!count || giftId === undefined || giftName === undefined) return undefined;
  const each = priceOf(price);
  return {
    id: giftId,
    name: giftName,
    count,
    price: each,
    total: totalOf(total, each, count),
    currency: currencyOf(coinType),
  };
}

/** What was bought, where the gift came out of a blind box. */
export function originalOf(name: unknown, price: unknown): DraftGift['original'] {
  const originalName = readName(name, 256);
  return originalName === undefined ? undefined : { name: originalName, price: priceOf(price) };
}

/** Ids of 19 digits are unique by themselves and the only identity that `SEND_GIFT_V2` has; the shorter ones of old need `rnd` beside them. */
const GLOBAL_TID = /^\d{19}$/;

function identify(draft: PlacedDraft, data: Wire<Gift>): void {
  const tid = readId(data.tid);
  if (tid === undefined) return;
  const random = GLOBAL_TID.test(tid) ? undefined : readId(data.rnd, 64);
  const own = readId(random === undefined ? tid : `${tid}:${random}`, 110);
  if (own === undefined) return;
  draft.messageId = tid;
  draft.key = `gift:${own}`;
}

function describeGift(gift: DraftGift, data: Wire<Gift>): void {
  const comboId = readName(data.batch_combo_id, 256);
  if (comboId !== undefined) gift.comboId = comboId;
  const blind = readObject<'original_gift_name' | 'original_gift_price'>(data.blind_gift);
  const original = blind && originalOf(blind.original_gift_name, blind.original_gift_price);
  if (original !== undefined) gift.original = original;
}

/** `SEND_GIFT`: one gift, of one or more pieces. */
export function gift({ message, place, ownerId }: Incoming): PlacedDraft | Unreadable {
  const data = readObject<Gift>(message.data);
  if (data === undefined) return noData;
  const given = giftOf(data.giftId, data.giftName, data.num, data.price, data.total_coin, data.coin_type);
  if (given === undefined) return { reason: 'a gift without id, name or count' };
  describeGift(given, data);
  const draft: PlacedDraft = { kind: 'gift', place, gift: given };
  identify(draft, data);
  const at = readTime(data.timestamp, SECONDS);
  if (at !== undefined) draft.at = at;
  const user = describeUser(
    userOf(data.uid, data.uname, ownerId),
    badgeOfMedal(data.medal_info),
    tierOf(data.guard_level),
  );
  if (user !== undefined) draft.user = user;
  return draft;
}
