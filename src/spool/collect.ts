import type { SpoolEntry, SpoolRange } from '../model/records.js';
import type { BlockSource, DamagedBlock } from './block-source.js';

/**
 * The entries above `after` and up to `last` in one range without a hole, within the bounds, but at least one; undefined when there are none.
 * There may be blocks beyond `last`: a transaction can be read some moments before it is told that it is on the disk.
 * A damaged block where the range would begin is returned instead.
 */
export function collect(
  source: BlockSource,
  after: number,
  last: number,
  bounds: { maxEntries: number; maxBytes: number },
): SpoolRange | DamagedBlock | undefined {
  const entries: SpoolEntry[] = [];
  let bytes = 0;
  let from = after + 1;
  for (;;) {
    const next = from + entries.length;
    const block = next > last ? undefined : source.find(next);
    if (block && 'reason' in block && entries.length === 0) return block;
    if (!block || 'reason' in block) break;
    if (block.first > next) {
      if (entries.length > 0 || block.first > last) break; // a hole, where a block was set aside
      from = block.first;
    }
    const start = from + entries.length - block.first;
    const end = endWithin(
      block.sizes,
      start,
      bounds.maxEntries - entries.length,
      bounds.maxBytes - bytes,
      entries.length === 0,
    );
    for (let at = start; at < end; at += 1) {
      bytes += block.sizes[at] ?? 0;
      const entry = block.entries[at];
      if (entry) entries.push(entry);
    }
    if (end < block.sizes.length) break;
  }
  return entries.length === 0 ? undefined : { from, to: from + entries.length - 1, bytes, entries };
}

function endWithin(
  sizes: readonly number[],
  start: number,
  maxEntries: number,
  maxBytes: number,
  takesOne: boolean,
): number {
  let bytes = 0;
  let end = start;
  for (; end < sizes.length && end - start < maxEntries; end += 1) {
    bytes += sizes[end] ?? 0;
    if (bytes > maxBytes && !(takesOne && end === start)) break;
  }
  return end;
}
