import { decodeBlock, lastOf, type Block, type BlockKey } from './block.js';
import type { SpoolDatabase } from './database.js';
import { RecentBlocks } from './recent-blocks.js';

const RECENT_BYTES = 32 * 1024 * 1024;
/** A read ends within a block and begins within another one, while the acknowledgement of the read before it looks at a third. */
const LOADED_BLOCKS = 4;

/** A block on the disk that is not what was written. */
export interface DamagedBlock {
  key: BlockKey;
  value: Buffer;
  reason: string;
}

/** Finds durable blocks: among those written last, or else on the disk, where each is parsed once as long as blocks are asked for in their order. */
export class BlockSource {
  readonly recent = new RecentBlocks(RECENT_BYTES);
  private readonly loaded: Block[] = [];

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
    return this.loaded.find(({ first, entries }) => seq >= first && seq < first + entries.length);
  }

  private load(key: BlockKey): Block | DamagedBlock {
    const value = this.database.tables.blocks.getBinary(key) ?? Buffer.alloc(0);
    try {
      const block = decodeBlock(key, value);
      this.loaded.push(block);
      if (this.loaded.length > LOADED_BLOCKS) this.loaded.shift();
      return block;
    } catch (error) {
      return { key, value, reason: error instanceof Error ? error.message : 'unknown' };
    }
  }
}

export const describeBlock = (key: BlockKey): string => `${key[0]} to ${lastOf(key)}`;
