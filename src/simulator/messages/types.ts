import { CHAT_TYPES } from './chat.js';
import { GIFT_TYPES } from './gifts.js';
import type { MessageType } from './message.js';
import { PAID_TYPES } from './paid.js';
import { AUDIENCE_TYPES, BROADCAST_TYPES, HINT_TYPES, MODERATION_TYPES, NOTICE_TYPES } from './site.js';
import { VISIT_TYPES } from './visits.js';

const nothing = { hasId: false, weight: 0, wire: () => '{}', expect: () => [] };

/** A frame made to do harm. */
const HOSTILE: MessageType = { ...nothing, cmd: '(hostile)', fate: 'undecodable' };
/** A socket message of a capture, sent as it was. */
const REPLAYED: MessageType = { ...nothing, cmd: '(replayed)', fate: 'opaque' };
/** What a test sends; the ledger keeps text and expectation beside it. */
const CUSTOM: MessageType = { ...nothing, cmd: '(custom)', fate: 'event', hasId: true };

/** Every kind of message; the ledger names them by their place here. */
export const MESSAGE_TYPES: readonly MessageType[] = [
  HOSTILE,
  REPLAYED,
  CUSTOM,
  ...CHAT_TYPES,
  ...GIFT_TYPES,
  ...PAID_TYPES,
  ...VISIT_TYPES,
  ...AUDIENCE_TYPES,
  ...BROADCAST_TYPES,
  ...MODERATION_TYPES,
  ...NOTICE_TYPES,
  ...HINT_TYPES,
];

/** Place of the first type with this name (`copy`: of the one that repeats another's event). */
export function typeCode(cmd: string, copy = false): number {
  const code = MESSAGE_TYPES.findIndex((type) => type.cmd === cmd && (type.isCopy ?? false) === copy);
  if (code < 0) throw new RangeError(`no such message type: ${cmd}`);
  return code;
}

/** For a number in [0, 1): the code of a type, by weight. */
export function weightedCode(share: number): number {
  const at = share * TOTAL;
  let low = 0;
  let high = STEPS.length - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((STEPS[middle]?.upTo ?? 0) <= at) low = middle + 1;
    else high = middle;
  }
  return STEPS[low]?.code ?? 0;
}

const STEPS: { upTo: number; code: number }[] = [];
let TOTAL = 0;
for (const [code, type] of MESSAGE_TYPES.entries()) {
  if (type.weight === 0) continue;
  TOTAL += type.weight;
  STEPS.push({ upTo: TOTAL, code });
}
