import type { Delivery, Ledger, LedgerConnection } from './ledger.js';
import type { RoomGaps } from './room-gaps.js';

/** How often a message was sent, and how often it must and may be stored. Copies count for the message they repeat. */
export class Tally {
  /** Documents that everything sent must lead to. */
  sent = 0;
  reconnects = 0;
  readonly #deliveries: Uint16Array;
  readonly #required: Uint16Array;
  readonly #allowed: Uint16Array;
  readonly #places: Uint8Array;
  /** Why nothing is required: 1 gap, 2 cut, 3 closing. */
  readonly #excuse: Uint8Array;
  readonly #unsettled: Uint8Array;
  readonly #withheld: Uint8Array;
  readonly #firstSentAt: Float64Array;
  readonly #settledAt: number[];
  readonly #abandonedAt: number[];

  constructor(
    private readonly ledger: Ledger,
    private readonly gaps: RoomGaps,
    private readonly toleranceMs: number,
    settleMs: number,
  ) {
    const size = ledger.lastN + 1;
    this.#deliveries = new Uint16Array(size);
    this.#required = new Uint16Array(size);
    this.#allowed = new Uint16Array(size);
    this.#places = new Uint8Array(size);
    this.#excuse = new Uint8Array(size);
    this.#unsettled = new Uint8Array(size);
    this.#withheld = new Uint8Array(size);
    this.#firstSentAt = new Float64Array(size);
    this.#settledAt = this.#settleTimes(settleMs);
    this.#abandonedAt = this.#abandonTimes();
    for (const delivery of ledger.deliveries()) this.#take(delivery);
    this.#sum();
  }

  wasSent(n: number): boolean {
    return (this.#deliveries[n] ?? 0) > 0;
  }
  /** A message withheld from a half-open connection is required once, however many connections there were beside that one. */
  requiredOf(n: number): number {
    return Math.max(this.#required[n] ?? 0, this.#withheld[n] ?? 0);
  }
  allowedOf(n: number): number {
    return this.#allowed[n] ?? 0;
  }
  /** How many documents one telling of it leads to. */
  placesOf(n: number): number {
    return this.#places[n] ?? 0;
  }
  firstSentAt(n: number): number {
    return this.#firstSentAt[n] ?? 0;
  }
  /** Whether its delay says more of a reconnect, or of a cut, than of the way to the database. */
  isUnsettled(n: number): boolean {
    return this.#unsettled[n] === 1;
  }
  excuseOf(n: number): 'inGaps' | 'cut' | 'atClose' {
    const excuse = this.#excuse[n];
    return excuse === 2 ? 'cut' : excuse === 3 ? 'atClose' : 'inGaps';
  }

  /** By connection: from when on its delays count. A room's first connection counts at once. */
  #settleTimes(settleMs: number): number[] {
    const seen = new Set<number>();
    return this.ledger.connections.map(({ roomId, authenticatedAt }) => {
      if (authenticatedAt === undefined) return 0;
      if (!seen.has(roomId)) {
        seen.add(roomId);
        return 0;
      }
      this.reconnects++;
      return authenticatedAt + settleMs;
    });
  }

  /** By connection: when its room had a newer one. A half-open one does not hear that its reader has left it. */
  #abandonTimes(): number[] {
    const newest = new Map<number, number>();
    return this.ledger.connections
      .toReversed()
      .map(({ roomId, authenticatedAt }) => {
        const abandonedAt = newest.get(roomId) ?? Number.POSITIVE_INFINITY;
        if (authenticatedAt !== undefined) newest.set(roomId, authenticatedAt);
        return abandonedAt;
      })
      .reverse();
  }

  #take({ firstN, count, connection: number, sentAt, delivered }: Delivery): void {
    const connection = this.ledger.connections[number];
    if (!connection) return;
    if (delivered === 'unknown' && sentAt >= (this.#abandonedAt[number] ?? Infinity)) return;
    const inGap = this.gaps.covers(connection.roomId, sentAt, this.toleranceMs) && !outlived(connection, sentAt);
    const excuse = inGap ? 1 : delivered === 'cut' ? 2 : this.#isClosing(connection, sentAt) ? 3 : 0;
    const unsettled = inGap || delivered === 'cut' || sentAt < (this.#settledAt[number] ?? 0);
    for (let n = firstN; n < firstN + count; n++) {
      const type = this.ledger.typeOf(n);
      if (type.fate !== 'event') continue;
      const origin = this.ledger.primaryOf(n);
      bump(this.#deliveries, origin);
      if (unsettled) this.#unsettled[origin] = 1;
      if (delivered !== 'unknown') {
        const first = this.#firstSentAt[origin] ?? 0;
        if (first === 0 || sentAt < first) this.#firstSentAt[origin] = sentAt;
        if (!type.hasId || this.#allowed[origin] === 0) bump(this.#allowed, origin);
      }
      if (excuse > 0) this.#excuse[origin] = excuse;
      else if (delivered === 'unknown') this.#withheld[origin] = 1;
      else if (!type.hasId || this.#required[origin] === 0) bump(this.#required, origin);
    }
  }

  /** What was on its way when the reader closed in good order: it had not asked for it any more. */
  #isClosing({ closedBy, closedAt, why }: LedgerConnection, sentAt: number): boolean {
    const orderly = closedBy === 'client' && !why?.endsWith('1006');
    return orderly && closedAt !== undefined && sentAt >= closedAt - this.toleranceMs;
  }

  #sum(): void {
    for (let n = 1; n <= this.ledger.lastN; n++) {
      if (!this.wasSent(n)) continue;
      const places = this.ledger.expected(n).length;
      this.#places[n] = places;
      this.sent += places * Math.max(1, this.allowedOf(n));
    }
  }
}

/** A gap may begin before its connection died, with what was surely on the disk; not so long before. Until then, everything that had come was durable. */
const DURABLE_WITHIN_MS = 5_000;

const outlived = ({ frozenAt = Infinity, closedAt = Infinity }: LedgerConnection, sentAt: number): boolean =>
  Math.min(frozenAt, closedAt) - sentAt > DURABLE_WITHIN_MS;

const bump = (counts: Uint16Array, n: number): void => {
  counts[n] = (counts[n] ?? 0) + 1;
};
