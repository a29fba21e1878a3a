import { z } from 'zod';

const count = z.int().min(0);

/** What one `persistBatch` has written so far; a document of `batches`, and one of `batch_rooms`, once it ended. Times are milliseconds since the epoch on the way. */
export const BatchTotals = z.strictObject({
  _id: z.string().describe('`<workerId>:<firstSeq>`'),
  workerId: z.string(),
  firstSeq: count,
  lastSeq: count.describe('The last sequence number that MongoDB acknowledged; firstSeq - 1 while there is none.'),
  startedAt: z.int(),
  endedAt: z.int().optional(),
  entries: count.describe('Events and records together.'),
  events: count,
  inserted: count,
  duplicates: count,
  bytes: count,
  writes: count,
  rooms: z.record(z.string(), count).describe('Events by `<platform>:<roomId>`.'),
  kinds: z.record(z.string(), count),
  lagMs: z
    .strictObject({ p50: z.number(), p99: z.number(), max: z.number() })
    .optional()
    .describe('From the frame leaving the socket to MongoDB’s acknowledgement.'),
});
export type BatchTotals = z.output<typeof BatchTotals>;

/** The totals of a batch that has written nothing. */
export const emptyBatch = (_id: string, workerId: string, firstSeq: number, startedAt: number): BatchTotals => ({
  _id,
  workerId,
  firstSeq,
  lastSeq: firstSeq - 1,
  startedAt,
  entries: 0,
  events: 0,
  inserted: 0,
  duplicates: 0,
  bytes: 0,
  writes: 0,
  rooms: {},
  kinds: {},
});

/** Adds to the totals of a batch what one write of it came to, which has the shape of a batch of its own. */
export function addWrite(totals: BatchTotals, write: BatchTotals): void {
  totals.lastSeq = Math.max(totals.lastSeq, write.lastSeq);
  totals.entries += write.entries;
  totals.events += write.events;
  totals.inserted += write.inserted;
  totals.duplicates += write.duplicates;
  totals.bytes += write.bytes;
  totals.writes += write.writes;
  addCounts(totals.rooms, write.rooms);
  addCounts(totals.kinds, write.kinds);
}

function addCounts(to: Record<string, number>, counts: Readonly<Record<string, number>>): void {
  for (const name in counts) to[name] = (to[name] ?? 0) + (counts[name] ?? 0);
}
