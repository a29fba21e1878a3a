import type { EventDocument } from '../model/event.js';
import type { Ledger } from './ledger.js';
import { maskedOnceName } from './messages/identity.js';
import { secondsOf } from './messages/message.js';
import { typeCode } from './messages/types.js';

type Visit = Pick<EventDocument, 'roomId' | 'kind' | 'user' | 'at'>;

const keyOf = (roomId: number | string, atMs: number, name: string): string => `${roomId} ${secondsOf(atMs)} ${name}`;

/**
 * Enters of rooms that mask everything: known by room, second and name alone. There are fewer names than messages, so a room that speaks again after
 * a pause can have two in one second with the same one; what is stored of the two differs in its kind, or in nothing.
 */
export class MaskedVisits {
  readonly #untold = new Map<string, number[]>();

  /** @param wasSent whether somebody was sent the message with a number */
  constructor(
    private readonly ledger: Ledger,
    wasSent: (n: number) => boolean,
  ) {
    const code = typeCode('INTERACT_WORD_V2');
    for (let n = 1; n <= ledger.lastN; n++) {
      if (ledger.codeOf(n) !== code || !ledger.roomOf(n).masked || !wasSent(n)) continue;
      const key = keyOf(ledger.roomOf(n).roomId, ledger.atOf(n), maskedOnceName(n));
      const known = this.#untold.get(key);
      if (known) known.push(n);
      else this.#untold.set(key, [n]);
    }
  }

  /** The message that a document tells: of several that look alike, one that no document before it told, as long as there is one. Undefined where there is none. */
  take({ roomId, kind, user, at }: Visit): number | undefined {
    const untold = this.#untold.get(keyOf(roomId, at.getTime(), user?.name ?? ''));
    if (untold === undefined || untold.length === 1) return untold?.[0];
    const same = untold.findIndex((n) => this.ledger.expected(n)[0]?.kind === kind);
    return untold.splice(Math.max(0, same), 1)[0];
  }
}
