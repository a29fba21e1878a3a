import type { EventDocument } from '../model/event.js';
import { reconcile } from '../simulator/reconcile.js';
import { StoreConfig } from '../store/config.js';
import { openStore } from '../store/open-store.js';
import { acknowledgementsIn } from './acknowledgements.js';
import { DRILL_DATABASE, type DrillSystem } from './system.js';

/** The 99th percentile of sent → stored of the events that count; undefined where there are none. */
export async function p99LagMs(
  system: DrillSystem,
  counts: (document: EventDocument) => boolean,
): Promise<number | undefined> {
  const store = await openStore(StoreConfig.parse({ uri: system.mongoUri, database: DRILL_DATABASE }));
  try {
    const { p99Ms } = await reconcile({
      ledger: system.simulator.ledger,
      documents: only(store.events.allEvents(), counts),
      connections: [],
      gaps: [],
      acks: acknowledgementsIn(system.ackLog),
    });
    return p99Ms;
  } finally {
    await store.close();
  }
}

async function* only(
  documents: AsyncIterable<EventDocument>,
  counts: (document: EventDocument) => boolean,
): AsyncGenerator<EventDocument> {
  for await (const document of documents) if (counts(document)) yield document;
}
