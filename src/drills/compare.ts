import { completeness } from '../model/completeness.js';
import type { EventDocument } from '../model/event.js';
import { reconcile, type Reconciliation } from '../simulator/reconcile.js';
import { StoreConfig } from '../store/config.js';
import { openStore } from '../store/open-store.js';
import { acknowledgementsIn } from './acknowledgements.js';
import { checkGaps, type GapFigures } from './gap-check.js';
import { type DrillRecords, readRecords } from './records.js';
import { DRILL_DATABASE, type DrillSystem } from './system.js';

export interface Comparison {
  reconciliation: Reconciliation;
  gaps: GapFigures;
  records: DrillRecords;
  /** Time of the sessions that neither a connection nor a gap explains, in ms. */
  unexplainedMs: number;
}

/** Holds everything in MongoDB against the ledger. `loadEndedAt` in milliseconds since the epoch. */
export async function compare(system: DrillSystem, loadEndedAt: number): Promise<Comparison> {
  const { simulator, mongoUri, ackLog } = system;
  const records = await readRecords(mongoUri, DRILL_DATABASE);
  const store = await openStore(StoreConfig.parse({ uri: mongoUri, database: DRILL_DATABASE }));
  try {
    const spans = new Map<string, { first: number; last: number }>();
    const reconciliation = await reconcile({
      ledger: simulator.ledger,
      documents: noting(store.events.allEvents(), spans),
      connections: records.connections,
      gaps: records.gaps,
      acks: acknowledgementsIn(ackLog),
    });
    const gaps = checkGaps(simulator.ledger, records.gaps, spans, loadEndedAt);
    return { reconciliation, gaps, records, unexplainedMs: unexplainedOf(records) };
  } finally {
    await store.close();
  }
}

/** Notes on the way, for each connection, from when to when the platform said its events happened. */
async function* noting(
  documents: AsyncIterable<EventDocument>,
  spans: Map<string, { first: number; last: number }>,
): AsyncGenerator<EventDocument> {
  for await (const document of documents) {
    const at = document.at.getTime();
    const span = spans.get(document.connectionId);
    if (!isExact(document)) yield document;
    else {
      if (span === undefined) spans.set(document.connectionId, { first: at, last: at });
      else {
        span.first = Math.min(span.first, at);
        span.last = Math.max(span.last, at);
      }
      yield document;
    }
  }
}

/** Some kinds tell whole seconds only: a time that was cut off would be before a connection that had begun. */
const isExact = ({ at, atFrom }: EventDocument): boolean => atFrom === 'platform' && at.getTime() % 1_000 !== 0;

function unexplainedOf({ sessions, connections, gaps }: DrillRecords): number {
  const now = new Date();
  return sessions.reduce((sum, session) => {
    const isItsOwn = ({ sessionId }: { sessionId?: string | undefined }): boolean => sessionId === session._id;
    return sum + completeness(session, connections.filter(isItsOwn), gaps.filter(isItsOwn), now).unexplainedMs;
  }, 0);
}
