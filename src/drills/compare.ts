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

/**
 * Notes on the way when each connection's first and last event can be said to have come. What is sent in the moment of connecting is under way before
 * the connection knows of itself, so the later of sending and receiving counts for the first, and the earlier for the last.
 */
async function* noting(
  documents: AsyncIterable<EventDocument>,
  spans: Map<string, { first: number; last: number }>,
): AsyncGenerator<EventDocument> {
  for await (const document of documents) {
    yield document;
    if (document.atFrom !== 'platform') continue;
    const times = [document.at.getTime(), document.receivedAt.getTime()];
    const span = spans.get(document.connectionId) ?? { first: Infinity, last: -Infinity };
    span.first = Math.min(span.first, Math.max(...times));
    span.last = Math.max(span.last, Math.min(...times));
    spans.set(document.connectionId, span);
  }
}

function unexplainedOf({ sessions, connections, gaps }: DrillRecords): number {
  const now = new Date();
  return sessions.reduce((sum, session) => {
    const isItsOwn = ({ sessionId }: { sessionId?: string | undefined }): boolean => sessionId === session._id;
    return sum + completeness(session, connections.filter(isItsOwn), gaps.filter(isItsOwn), now).unexplainedMs;
  }, 0);
}
