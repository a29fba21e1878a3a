import { z } from 'zod';

const count = z.int().min(0);

/** What the spool knows of itself as a whole; written with every transaction. */
export const Counters = z.strictObject({
  nextSeq: z.int().positive(),
  ackedSeq: count.describe('Everything up to it is in MongoDB.'),
  entries: count.describe('Entries above ackedSeq.'),
  bytes: count.describe('Their bytes.'),
  headEntries: count.describe('Acknowledged entries of the first block, which is kept for its others.'),
  headBytes: count.describe('Their bytes.'),
  quarantined: count.describe('Entries that could not be read back and were set aside.'),
});
export type Counters = z.output<typeof Counters>;

export const newCounters = (): Counters => ({
  nextSeq: 1,
  ackedSeq: 0,
  entries: 0,
  bytes: 0,
  headEntries: 0,
  headBytes: 0,
  quarantined: 0,
});
