import { decodeBlock, lastOf, type Block, type BlockKey } from './block.js';
import type { SpoolDatabase } from './database.js';
import { RecentBlocks } from './recent-blocks.js';

const RECENT_BYTES = 32 * 1024 * 1024;

/** A block on the disk that is not what was written. */
export interface DamagedBlock {
  key: BlockKey;
  value: Buffer;
  reason: string;
}

/** Finds durable blocks: among those written last, or else on the disk, one parsed at a time. */
export class BlockSource {
  readonly recent = new RecentBlocks(RECENT_BYTES);
  private loaded: Block | undefined;

  constructor(private readonly database: SpoolDatabase) {}

  /** The block that holds `seq`, or else the first after it. */
  find(seq: number): Block | DamagedBlock | undefined {
    const known = this.recent.find(seq) ?? this.current(seq);
    if (known) return known;
    const key = this.database.blockAtOrAfter(seq);
    if (!key) return undefined;
    return this.recent.find(key[0]) ?? this.load(key);
  }

  /** How many bytes the entries of a block up to `seq` have. */
  bytesUpTo(seq: number, key: BlockKey): number {
    const [first, count, bytes] = key;
    const block = this.recent.find(first) ?? this.current(first) ?? this.load(key);
    if ('reason' in block) return Math.floor((bytes * (seq + 1 - first)) / count);
    return block.sizes.slice(0, seq + 1 - first).reduce((sum, size) => sum + size, 0);
  }

  private current(seq: number): Block | undefined {
    const block = this.loaded;
    return block && seq >= block.first && seq < block.first + block.entries.length ? block : undefined;
  }

  private load(key: BlockKey): Block | DamagedBlock {
    const value = this.database.tables.blocks.getBinary(key) ?? Buffer.alloc(0);
    try {
      this.loaded = decodeBlock(key, value);
      return this.loaded;
    } catch (error) {
      return { key, value, reason: error instanceof Error ? error.message : 'unknown' };
    }
  }
}

export const describeBlock = (key: BlockKey): string => `${key[0]} to ${lastOf(key)}`;
