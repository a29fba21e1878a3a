import type { SpoolEntry } from '../model/records.js';
import { encodeBlock, MAX_BLOCK_BYTES, type Block, type BlockKey, type EncodedEntries } from './block.js';
import type { Counters } from './counters.js';
import type { Write } from './database.js';

/** One transaction as it is put together: what will be written, and the counters after it. Nothing is real before it is on the disk. */
export class Draft {
  readonly counters: Counters;
  readonly blocks: Block[] = [];
  private readonly writes: Write[] = [];
  private readonly progress = new Map<string, string | undefined>();
  private open: { first: number; parts: EncodedEntries[]; bytes: number } | undefined;

  constructor(
    before: Counters,
    private readonly now: number,
  ) {
    this.counters = { ...before };
  }

  get isEmpty(): boolean {
    return this.writes.length === 0 && this.progress.size === 0 && !this.open;
  }

  /** Gives the entries their numbers. Appends of one transaction share a block until it is long enough. */
  append(encoded: EncodedEntries): { from: number; to: number } {
    const from = this.counters.nextSeq;
    for (const part of cut(encoded)) {
      if (this.open && this.open.bytes + part.bytes > MAX_BLOCK_BYTES) this.endBlock();
      this.open ??= { first: this.counters.nextSeq, parts: [], bytes: 0 };
      this.open.parts.push(part);
      this.open.bytes += part.bytes;
      this.counters.nextSeq += part.entries.length;
    }
    this.counters.entries += encoded.entries.length;
    this.counters.bytes += encoded.bytes;
    return { from, to: this.counters.nextSeq - 1 };
  }

  /** Only the last progress of a connection is written; undefined forgets it. */
  setProgress(connectionId: string, text: string | undefined): void {
    this.progress.set(connectionId, text);
  }

  setBatch(id: string, text: string | undefined): void {
    this.writes.push(({ batches }) => (text === undefined ? batches.remove(id) : batches.put(id, text)));
  }

  removeBlock(key: BlockKey): void {
    this.writes.push(({ blocks }) => blocks.remove(key));
  }

  setAside(key: BlockKey, value: Buffer): void {
    this.writes.push(({ quarantine }) => quarantine.put(key, value));
    this.removeBlock(key);
  }

  /** All of it, for one transaction. */
  finish(): readonly Write[] {
    this.endBlock();
    for (const [id, text] of this.progress)
      this.writes.push(({ progress }) => (text === undefined ? progress.remove(id) : progress.put(id, text)));
    const counters = JSON.stringify(this.counters);
    this.writes.push(({ meta }) => meta.put('counters', counters));
    return this.writes;
  }

  private endBlock(): void {
    if (!this.open) return;
    const { first, parts, bytes } = this.open;
    this.open = undefined;
    const [entries, sizes, lines]: [SpoolEntry[], number[], string[]] = [[], [], []];
    for (const part of parts) {
      entries.push(...part.entries);
      sizes.push(...part.sizes);
      lines.push(...part.lines);
    }
    const block: Block = { first, entries, sizes, bytes, appendedAt: this.now };
    const { key, value } = encodeBlock(block, lines);
    this.blocks.push(block);
    this.writes.push(({ blocks }) => blocks.put(key, value));
  }
}

/** Pieces that fit into a block, where one entry always fits. */
function* cut(encoded: EncodedEntries): Generator<EncodedEntries> {
  if (encoded.bytes <= MAX_BLOCK_BYTES) {
    if (encoded.entries.length > 0) yield encoded;
    return;
  }
  let from = 0;
  let bytes = 0;
  const piece = (to: number): EncodedEntries => ({
    entries: encoded.entries.slice(from, to),
    lines: encoded.lines.slice(from, to),
    sizes: encoded.sizes.slice(from, to),
    bytes,
  });
  for (const [at, size] of encoded.sizes.entries()) {
    if (bytes + size > MAX_BLOCK_BYTES && at > from) {
      yield piece(at);
      from = at;
      bytes = 0;
    }
    bytes += size;
  }
  yield piece(encoded.sizes.length);
}
