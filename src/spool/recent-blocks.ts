import type { Block } from './block.js';

/** The blocks written last, as they were appended: while MongoDB keeps up, nothing is read back from the disk or parsed again. */
export class RecentBlocks {
  private blocks: Block[] = [];
  private bytes = 0;

  constructor(private readonly maxBytes: number) {}

  push(block: Block): void {
    this.blocks.push(block);
    this.bytes += block.bytes;
    let dropped = 0;
    for (; this.bytes > this.maxBytes; dropped += 1) this.bytes -= this.blocks[dropped]?.bytes ?? 0;
    this.blocks.splice(0, dropped);
  }

  /** Forgets the blocks that end at or before `seq`. */
  dropTo(seq: number): void {
    let dropped = 0;
    for (; dropped < this.blocks.length; dropped += 1) {
      const block = this.blocks[dropped];
      if (!block || block.first + block.entries.length - 1 > seq) break;
      this.bytes -= block.bytes;
    }
    this.blocks.splice(0, dropped);
  }

  /** The block that holds `seq`, or else nothing. */
  find(seq: number): Block | undefined {
    let low = 0;
    let high = this.blocks.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.blocks[middle]?.first ?? Infinity) <= seq) low = middle + 1;
      else high = middle;
    }
    const block = this.blocks[low - 1];
    return block && seq < block.first + block.entries.length ? block : undefined;
  }

  /** Bytes of the entries above `seq`; undefined when some of them are only on the disk. */
  bytesAfter(seq: number): number | undefined {
    const holder = this.find(seq + 1);
    if (!holder) return this.blocks.length === 0 ? 0 : undefined;
    let bytes = 0;
    for (let at = this.blocks.length - 1; at >= 0; at -= 1) {
      const block = this.blocks[at];
      if (!block || block.first < holder.first) break;
      bytes += block.bytes;
    }
    return bytes - holder.sizes.slice(0, seq + 1 - holder.first).reduce((sum, size) => sum + size, 0);
  }
}
