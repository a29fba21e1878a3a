/** What was sent against what was stored: event by event, field by field. */
import type { EventDocument } from '../model/event.js';
import { differences, identityOf, type Difference, type VisitOf } from './document-check.js';
import { AckTimes, quantile, type Acknowledgement } from './latency.js';
import type { Ledger } from './ledger.js';
import { MaskedVisits } from './masked-visits.js';
import { RoomGaps, type RecordedGap } from './room-gaps.js';
import { Tally } from './tally.js';

/** As in the collection `connections`, or in the spool's records. */
export interface CountedConnection {
  roomId: string;
  counts?:
    | {
        accepted: Readonly<Record<string, number | undefined>>;
        shed: Readonly<Record<string, number | undefined>>;
        undecodable: number;
      }
    | undefined;
}

export interface ReconcileInput {
  ledger: Ledger;
  documents: AsyncIterable<EventDocument> | Iterable<EventDocument>;
  connections: Iterable<CountedConnection>;
  gaps: Iterable<RecordedGap>;
  acks?: AsyncIterable<Acknowledgement> | Iterable<Acknowledgement>;
  /** How long before a recorded gap a message may have been sent and still not have arrived. */
  toleranceMs?: number;
  /** How long after a room's reconnect its delays are left out of the percentiles. */
  settleMs?: number;
}

export interface Example {
  what: 'lost' | 'duplicate' | 'mismatch' | 'invented';
  roomId: string;
  cmd?: string;
  n?: number;
  sentAt?: number;
  differences?: Difference[];
  document?: string;
}

export interface Reconciliation {
  /** Documents that what was sent must lead to; a repeat counts only where the platform gives no id. */
  sent: number;
  /** By the collector's own counts. */
  accepted: number;
  shed: number;
  undecodable: number;
  stored: number;
  /** Sent, and neither stored, nor in a recorded gap, nor in a cut frame, nor counted as shed in its room and of its kind. */
  lost: number;
  duplicates: number;
  mismatched: number;
  /** Stored, and never sent. */
  invented: number;
  /** Not stored, inside a recorded gap. */
  missingInGaps: number;
  /** Not stored: in frames that were cut. */
  missingInCutFrames: number;
  /** Not stored: sent while the reader was closing cleanly. */
  missingAtClose: number;
  /** Harmful messages sent, outside of recorded gaps, that a reader must have counted as undecodable. */
  hostile: number;
  gaps: number;
  reconnects: number;
  p50Ms: number | undefined;
  p99Ms: number | undefined;
  maxMs: number | undefined;
  examples: Example[];
}

const MAX_EXAMPLES = 20;
const MEASURED = new Set(['chat', 'gift', 'superchat', 'membership']);

/** Reads every document once; memory grows with the ledger, not with the documents. */
export async function reconcile(input: ReconcileInput): Promise<Reconciliation> {
  const { ledger, toleranceMs = 1_000, settleMs = 5_000 } = input;
  const gaps = new RoomGaps(input.gaps);
  const acks = await AckTimes.read(input.acks ?? []);
  const tally = new Tally(ledger, gaps, toleranceMs, settleMs);
  const visits = new MaskedVisits(ledger, (n) => tally.wasSent(n));
  const run = new Run(ledger, tally, acks, (document) => visits.take(document));
  for await (const document of input.documents) run.take(document);
  const counts = countsOf(input.connections);
  const missing = run.missing();
  return {
    sent: tally.sent,
    accepted: counts.accepted,
    shed: counts.shed,
    undecodable: counts.undecodable,
    stored: run.stored,
    lost: unexplained(missing.lost, counts.shedBy),
    duplicates: run.duplicates,
    mismatched: run.mismatched,
    invented: run.invented,
    missingInGaps: missing.inGaps,
    missingInCutFrames: missing.cut,
    missingAtClose: missing.atClose,
    hostile: ledger.hostile
      .filter(({ n, sentAt }) => !gaps.covers(ledger.roomOf(n).roomId, sentAt, toleranceMs))
      .reduce((sum, { undecodable }) => sum + undecodable, 0),
    gaps: gaps.count,
    reconnects: tally.reconnects,
    p50Ms: quantile(run.delaysMs, 0.5),
    p99Ms: quantile(run.delaysMs, 0.99),
    maxMs: quantile(run.delaysMs, 1),
    examples: run.examples,
  };
}

/** A room and a kind, as a key. */
const ofRoom = (roomId: string | number, kind: string): string => `${roomId} ${kind}`;

/** What is missing beyond what was counted as shed: what one room shed of one kind explains nothing elsewhere. */
const unexplained = (missing: ReadonlyMap<string, number>, shed: ReadonlyMap<string, number>): number =>
  [...missing].reduce((sum, [key, count]) => sum + Math.max(0, count - (shed.get(key) ?? 0)), 0);

interface Counts {
  accepted: number;
  shed: number;
  undecodable: number;
  shedBy: ReadonlyMap<string, number>;
}

function countsOf(connections: Iterable<CountedConnection>): Counts {
  const totals = { accepted: 0, shed: 0, undecodable: 0 };
  const shedBy = new Map<string, number>();
  for (const { roomId, counts } of connections) {
    for (const count of Object.values(counts?.accepted ?? {})) totals.accepted += count ?? 0;
    for (const [kind, count = 0] of Object.entries(counts?.shed ?? {})) {
      totals.shed += count;
      shedBy.set(ofRoom(roomId, kind), (shedBy.get(ofRoom(roomId, kind)) ?? 0) + count);
    }
    totals.undecodable += counts?.undecodable ?? 0;
  }
  return { ...totals, shedBy };
}

/** One pass over the documents. */
class Run {
  stored = 0;
  duplicates = 0;
  mismatched = 0;
  invented = 0;
  readonly delaysMs: number[] = [];
  readonly examples: Example[] = [];
  /** Documents of each message's first event; those of further events by `n * 8 + place`. */
  readonly #found: Uint16Array;
  readonly #foundFurther = new Map<number, number>();

  constructor(
    private readonly ledger: Ledger,
    private readonly tally: Tally,
    private readonly acks: AckTimes,
    private readonly visitOf: VisitOf,
  ) {
    this.#found = new Uint16Array(ledger.lastN + 1);
  }

  take(document: EventDocument): void {
    const { ledger } = this;
    if (ledger.replayedRooms.has(Number(document.roomId))) return;
    const identity = identityOf(document, ledger, this.visitOf);
    if (!identity) return this.#invent(document);
    const n = ledger.primaryOf(identity.n);
    const type = ledger.typeOf(n);
    if (type.fate === 'undecodable' || type.mayAlsoBe?.includes(document.kind)) return;
    const expected = ledger.expected(n)[identity.place];
    if (!expected || !this.tally.wasSent(n)) return this.#invent(document);
    this.stored++;
    this.#count(document, n, identity.place);
    const wrong = differences(document, expected);
    if (wrong.length > 0) {
      this.mismatched++;
      this.#example({ ...this.#about('mismatch', n), differences: wrong, document: document._id });
    }
    this.#measure(document, n);
  }

  /** Looks at every message sent for a document that is not there. */
  missing(): { lost: ReadonlyMap<string, number>; inGaps: number; cut: number; atClose: number } {
    const { ledger, tally } = this;
    const lost = new Map<string, number>();
    const missing = { inGaps: 0, cut: 0, atClose: 0 };
    for (let n = 1; n <= ledger.lastN; n++) {
      if (!tally.wasSent(n) || ledger.primaryOf(n) !== n) continue;
      const places = tally.placesOf(n);
      for (let place = 0; place < places; place++) {
        const found = this.#foundAt(n, place);
        const lack = tally.requiredOf(n) - found;
        if (lack > 0) {
          const key = ofRoom(ledger.roomOf(n).roomId, ledger.expected(n)[place]?.kind ?? '');
          lost.set(key, (lost.get(key) ?? 0) + lack);
          this.#example(this.#about('lost', n));
        } else if (found === 0) missing[tally.excuseOf(n)]++;
      }
    }
    return { ...missing, lost };
  }

  #count(document: EventDocument, n: number, place: number): void {
    const found = this.#foundAt(n, place) + 1;
    if (place === 0) this.#found[n] = found;
    else this.#foundFurther.set(n * 8 + place, found);
    if (found <= this.tally.allowedOf(n)) return;
    this.duplicates++;
    this.#example({ ...this.#about('duplicate', n), document: document._id });
  }

  #foundAt(n: number, place: number): number {
    return (place === 0 ? this.#found[n] : this.#foundFurther.get(n * 8 + place)) ?? 0;
  }

  #measure(document: EventDocument, n: number): void {
    if (!MEASURED.has(document.kind) || this.tally.isUnsettled(n)) return;
    const ackedAt = this.acks.of(document.connectionId, document.seq);
    if (ackedAt !== undefined) this.delaysMs.push(Math.max(0, ackedAt - this.tally.firstSentAt(n)));
  }

  #invent(document: EventDocument): void {
    this.invented++;
    this.#example({ what: 'invented', roomId: document.roomId, document: document._id });
  }

  #about(what: Example['what'], n: number): Example {
    const { ledger } = this;
    const roomId = String(ledger.roomOf(n).roomId);
    return { what, roomId, cmd: ledger.typeOf(n).cmd, n, sentAt: this.tally.firstSentAt(n) };
  }

  #example(example: Example): void {
    if (this.examples.filter(({ what }) => what === example.what).length < MAX_EXAMPLES) this.examples.push(example);
  }
}
