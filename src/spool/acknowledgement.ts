import { lastOf, type BlockKey } from './block.js';
import type { BlockSource } from './block-source.js';
import type { SpoolDatabase } from './database.js';
import type { Draft } from './draft.js';

/** Drops everything up to `to`, which is above what was acknowledged before. A block goes with its last entry. */
export function acknowledgeTo(to: number, draft: Draft, database: SpoolDatabase, source: BlockSource): void {
  const { counters } = draft;
  let entries = -counters.headEntries;
  let bytes = -counters.headBytes;
  counters.headEntries = counters.headBytes = 0;
  // From the draft's own place on: blocks that it removes already are still in the tables.
  for (const key of database.blocksFrom(counters.ackedSeq + 1)) {
    if (key[0] > to) break;
    if (lastOf(key) > to) {
      counters.headEntries = to + 1 - key[0];
      counters.headBytes = source.bytesUpTo(to, key);
    } else draft.removeBlock(key);
    entries += counters.headEntries || key[1];
    bytes += counters.headEntries ? counters.headBytes : key[2];
  }
  counters.entries -= entries;
  counters.bytes -= bytes;
  counters.ackedSeq = to;
}

/** Moves a damaged block out of the way, unless that was done already. */
export function setAside(key: BlockKey, value: Buffer, draft: Draft): void {
  const { counters } = draft;
  const [first, count, bytes] = key;
  if (lastOf(key) <= counters.ackedSeq) return;
  const isHead = first <= counters.ackedSeq;
  const entries = count - (isHead ? counters.headEntries : 0);
  counters.entries -= entries;
  counters.bytes -= bytes - (isHead ? counters.headBytes : 0);
  counters.quarantined += entries;
  if (isHead) counters.headEntries = counters.headBytes = 0;
  draft.setAside(key, value);
}
