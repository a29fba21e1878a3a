import { acknowledgementsIn } from '../../drills/acknowledgements.js';
import { readRecords } from '../../drills/records.js';
import { DRILL_DATABASE, type DrillSystem } from '../../drills/system.js';
import type { EventDocument } from '../../model/event.js';
import { identityOf } from '../../simulator/document-check.js';
import { AckTimes, quantile } from '../../simulator/latency.js';
import type { Ledger } from '../../simulator/ledger.js';
import { reconcile, type Reconciliation } from '../../simulator/reconcile.js';
import { StoreConfig } from '../../store/config.js';
import { openStore } from '../../store/open-store.js';

/** From one moment to another, in milliseconds since the epoch. */
export interface Window {
  from: number;
  to: number;
}

/** What became of everything that was sent, and how long it took what was sent within a window. */
export interface Verdict {
  reconciliation: Reconciliation;
  /** Sent → acknowledged by MongoDB, of the events that count; undefined where there are none. In milliseconds. `unacknowledged`: of how many that is not known. */
  lag: { p50Ms: number | undefined; p99Ms: number | undefined; maxMs: number | undefined; unacknowledged: number };
}

/** Holds everything in MongoDB against the ledger; the workers have ended. */
export async function verdictOf(system: DrillSystem, window: Window): Promise<Verdict> {
  const { simulator, mongoUri, ackLog } = system;
  const { connections, gaps } = await readRecords(mongoUri, DRILL_DATABASE);
  const lag = new LagMeter(simulator.ledger, await AckTimes.read(acknowledgementsIn(ackLog)), window);
  const store = await openStore(StoreConfig.parse({ uri: mongoUri, database: DRILL_DATABASE }));
  try {
    const documents = lag.watching(store.events.allEvents());
    const reconciliation = await reconcile({ ledger: simulator.ledger, documents, connections, gaps });
    return { reconciliation, lag: lag.figures() };
  } finally {
    await store.close();
  }
}

/** What people say and give: these lead back to their message by an id of their own. */
const MEASURED = new Set(['chat', 'gift', 'superchat', 'membership']);

/** The delays of what was sent within a window. A warm-up before it belongs to the ledger and to no percentile. */
class LagMeter {
  readonly #sentAt: Float64Array;
  readonly #delaysMs: number[] = [];
  #unacknowledged = 0;

  constructor(
    private readonly ledger: Ledger,
    private readonly acks: AckTimes,
    private readonly window: Window,
  ) {
    this.#sentAt = new Float64Array(ledger.lastN + 1);
    for (const { firstN, count, sentAt } of ledger.deliveries()) {
      for (let n = firstN; n < firstN + count; n += 1) if (this.#sentAt[n] === 0) this.#sentAt[n] = sentAt;
    }
  }

  async *watching(documents: AsyncIterable<EventDocument>): AsyncGenerator<EventDocument> {
    for await (const document of documents) {
      this.#take(document);
      yield document;
    }
  }

  figures(): Verdict['lag'] {
    const delays = this.#delaysMs;
    const [p50Ms, p99Ms, maxMs] = [0.5, 0.99, 1].map((share) => quantile(delays, share));
    return { p50Ms, p99Ms, maxMs, unacknowledged: this.#unacknowledged };
  }

  #take(document: EventDocument): void {
    if (!MEASURED.has(document.kind)) return;
    const n = identityOf(document, this.ledger, noVisit)?.n;
    const sentAt = n === undefined ? 0 : (this.#sentAt[this.ledger.primaryOf(n)] ?? 0);
    if (sentAt < this.window.from || sentAt > this.window.to) return;
    const ackedAt = this.acks.of(document.connectionId, document.seq);
    if (ackedAt === undefined) this.#unacknowledged += 1;
    else this.#delaysMs.push(Math.max(0, ackedAt - sentAt));
  }
}

/** They are not among those that are measured. */
const noVisit = () => undefined;
