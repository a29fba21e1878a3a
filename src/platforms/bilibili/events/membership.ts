import type { EventDraft } from '../../../model/event.js';
import type { PlacedDraft } from '../../platform.js';
import { readCount, readId, readName, readObject, readTime, SECONDS } from '../wire.js';
import { type Incoming, noData, type Unreadable } from './draft.js';
import { describeUser, userOf } from './user.js';

type Membership = NonNullable<EventDraft['membership']>;

/** What the three messages of one purchase say, whatever they call it. */
interface Purchase {
  uid: unknown;
  uname: unknown;
  tier: unknown;
  name: unknown;
  count: unknown;
  unit: unknown;
  price: unknown;
  startsAt: unknown;
  endsAt: unknown;
  payflowId: unknown;
}

function membershipOf(purchase: Purchase): Membership | undefined {
  const tier = readCount(purchase.tier);
  if (!tier) return undefined;
  const price = readCount(purchase.price) ?? 0;
  const membership: Membership = { tier, count: readCount(purchase.count) ?? 1, price, currency: 'bilibili:gold' };
  const name = readName(purchase.name, 64);
  if (name !== undefined) membership.name = name;
  const unit = readName(purchase.unit, 32);
  if (unit !== undefined) membership.unit = unit;
  const startsAt = readTime(purchase.startsAt, SECONDS);
  if (startsAt !== undefined) membership.startsAt = startsAt;
  const endsAt = readTime(purchase.endsAt, SECONDS);
  if (endsAt !== undefined) membership.endsAt = endsAt;
  return membership;
}

/** A purchase comes as up to three messages, only one of them with a payment id: buyer, tier and start are what they share. */
function keyOf(
  { tier, startsAt }: Membership,
  uid: string | undefined,
  payflowId: string | undefined,
): string | undefined {
  if (uid !== undefined && startsAt !== undefined) return `membership:${uid}:${tier}:${startsAt / SECONDS}`;
  return payflowId === undefined ? undefined : `membership:pay:${payflowId}`;
}

function draftOf(purchase: Purchase, { place, ownerId }: Incoming): PlacedDraft | Unreadable {
  const membership = membershipOf(purchase);
  if (membership === undefined) return { reason: 'a membership without a tier' };
  const draft: PlacedDraft = { kind: 'membership', place, membership };
  const user = describeUser(userOf(purchase.uid, purchase.uname, ownerId), undefined, membership.tier);
  if (user !== undefined) draft.user = user;
  const payflowId = readId(purchase.payflowId);
  if (payflowId !== undefined) draft.messageId = payflowId;
  const key = keyOf(membership, user?.id, payflowId);
  if (key !== undefined) draft.key = key;
  if (membership.startsAt !== undefined) draft.at = membership.startsAt;
  return draft;
}

type GuardBuy = 'uid' | 'username' | 'guard_level' | 'num' | 'price' | 'gift_name' | 'start_time' | 'end_time';

/** `GUARD_BUY` */
export function guardBuy(incoming: Incoming): PlacedDraft | Unreadable {
  const data = readObject<GuardBuy>(incoming.message.data);
  if (data === undefined) return noData;
  const { uid, username: uname, guard_level: tier, num: count, price, gift_name: name } = data;
  const purchase = {
    uid,
    uname,
    tier,
    name,
    count,
    unit: undefined,
    price,
    startsAt: data.start_time,
    endsAt: data.end_time,
  };
  return draftOf({ ...purchase, payflowId: undefined }, incoming);
}

type Toast =
  | 'end_time'
  | 'guard_level'
  | 'num'
  | 'payflow_id'
  | 'price'
  | 'role_name'
  | 'start_time'
  | 'uid'
  | 'unit'
  | 'username';

/** `USER_TOAST_MSG` */
export function userToast(incoming: Incoming): PlacedDraft | Unreadable {
  const data = readObject<Toast>(incoming.message.data);
  if (data === undefined) return noData;
  const { uid, username: uname, guard_level: tier, num: count, unit, price, role_name: name } = data;
  const purchase = { uid, uname, tier, name, count, unit, price, startsAt: data.start_time, endsAt: data.end_time };
  return draftOf({ ...purchase, payflowId: data.payflow_id }, incoming);
}

/** `USER_TOAST_MSG_V2`, the same in nested objects. */
export function userToastV2(incoming: Incoming): PlacedDraft | Unreadable {
  const data = readObject<'sender_uinfo' | 'guard_info' | 'pay_info'>(incoming.message.data);
  if (data === undefined) return noData;
  const sender = readObject<'uid' | 'base'>(data.sender_uinfo);
  const guard = readObject<'guard_level' | 'role_name' | 'start_time' | 'end_time'>(data.guard_info);
  const pay = readObject<'num' | 'price' | 'unit' | 'payflow_id'>(data.pay_info);
  const who = { uid: sender?.uid, uname: readObject<'name'>(sender?.base)?.name };
  const what = {
    tier: guard?.guard_level,
    name: guard?.role_name,
    startsAt: guard?.start_time,
    endsAt: guard?.end_time,
  };
  const paid = { count: pay?.num, unit: pay?.unit, price: pay?.price, payflowId: pay?.payflow_id };
  return draftOf({ ...who, ...what, ...paid }, incoming);
}
