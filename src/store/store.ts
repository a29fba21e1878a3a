import type { BatchTotals } from '../model/batch.js';
import type { SpoolRange } from '../model/records.js';

export interface WriteResult {
  /** Events in the range, and how many of them were new. */
  events: number;
  inserted: number;
  duplicates: number;
  /** When MongoDB had acknowledged the last of it, milliseconds since the epoch. */
  ackedAt: number;
}

/** What `persistBatch` needs of MongoDB. */
export interface Store {
  /** Makes collections' indexes; throws `STORE_UNAVAILABLE`. */
  prepare(signal: AbortSignal): Promise<void>;
  /**
   * Stores a range, events by unordered `insertMany` into `events_YYYYMMDD`, records by idempotent upserts. All of it is acknowledged when this
   * resolves; writing the same range again changes nothing. Throws `STORE_UNAVAILABLE` within its deadline, having stored any part of it.
   */
  write(range: SpoolRange, signal: AbortSignal): Promise<WriteResult>;
  writeBatch(totals: BatchTotals, signal: AbortSignal): Promise<void>;
  close(): Promise<void>;
}
