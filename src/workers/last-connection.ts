import type { MongoStore } from '../store/open-store.js';
import type { PreviousConnection } from '../model/connection.js';

/** A room actor does not wait for MongoDB: what does not come within this, in milliseconds, is not known. */
const ANSWER_WITHIN_MS = 2_000;

/** Asks the store where the record of a room ends, and does without where it does not say. */
export const lastConnectionFrom =
  (store: MongoStore) =>
  async (room: string): Promise<PreviousConnection | undefined> => {
    const known = await store.records.room(room, AbortSignal.timeout(ANSWER_WITHIN_MS)).catch(() => undefined);
    if (known?.lastConnection === undefined) return undefined;
    const { coveredUntil, ...last } = known.lastConnection;
    return { ...last, coveredUntil: coveredUntil.getTime() };
  };
