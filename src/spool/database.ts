import { join } from 'node:path';
import { open, type Database, type RootDatabase } from 'lmdb';
import { z } from 'zod';
import { BlockKey } from './block.js';
import { Counters, newCounters } from './counters.js';
import { DataFile } from './data-file.js';
import { diskFailure } from './disk-failure.js';

const MiB = 1024 * 1024;

/** Kept free behind the last page, so that acknowledging goes on when the disk is full: LMDB deletes by writing. */
const RESERVE_BYTES = 4 * MiB;

export interface Tables {
  /** `workerId`, `counters`. */
  meta: Database<string, string>;
  blocks: Database<Buffer, BlockKey>;
  /** StreamProgress by connectionId. */
  progress: Database<string, string>;
  /** Parts of BatchTotals, each by a key of its own. */
  batches: Database<string, string>;
  /** Blocks that could not be read back, as they were found. */
  quarantine: Database<Buffer, BlockKey>;
}

export type Write = (tables: Tables) => unknown;

const Stats = z.looseObject({ lastPageNumber: z.int(), pageSize: z.int() });

/** The LMDB environment of a spool: its tables, its transactions, and room for them. */
export class SpoolDatabase {
  private isOpen = true;

  private constructor(
    private readonly folder: string,
    private readonly mapBytes: number,
    private root: RootDatabase<Buffer, string>,
    readonly tables: Tables,
    private readonly file: DataFile,
  ) {}

  static async open(folder: string, quotaBytes: number): Promise<SpoolDatabase> {
    // Address space only. Pages are half full at worst, and a page is free again two transactions later.
    const mapBytes = 4 * quotaBytes + 1024 * MiB;
    const root = openRoot(folder, mapBytes);
    const tables = openTables(root);
    return new SpoolDatabase(folder, mapBytes, root, tables, await DataFile.open(join(folder, 'data.mdb')));
  }

  /**
   * One transaction; resolves once it is on the disk. With `overlappingSync` off this is LMDB's own order: pages, fdatasync, then the meta page
   * through a descriptor opened with O_DSYNC, then the promise. Rejects with a DiskFailure, having changed nothing.
   */
  async commit(writes: readonly Write[]): Promise<void> {
    try {
      await this.root.batch(() => {
        for (const write of writes) write(this.tables);
      });
    } catch (error) {
      throw await diskFailure(error);
    }
  }

  /** Bytes of the file up to its last page. */
  usedBytes(): number {
    const { lastPageNumber, pageSize } = Stats.parse(this.root.getStats());
    return (lastPageNumber + 1) * pageSize;
  }

  /** Makes room for a transaction that adds `bytes`; false when the disk has none. A `record` may take the last of it. */
  async reserve(bytes: number, pendingBytes: number, kind: 'append' | 'record'): Promise<boolean> {
    const needed = 2 * bytes + MiB; // whole pages, the path to each changed leaf, the list of free pages
    const used = this.usedBytes();
    try {
      await this.file.growTo(used + needed + RESERVE_BYTES);
      return true;
    } catch {
      const left = this.file.allocatedBytes - used;
      if (left < needed) return false;
      return kind === 'record' || used > 3 * (pendingBytes + needed); // then the file has free pages within
    }
  }

  /** The block that holds `seq`, or else the first after it. */
  blockAtOrAfter(seq: number): BlockKey | undefined {
    const [key] = this.blocksFrom(seq);
    return key;
  }

  /** From the block that holds `seq` on, or else from the first after it. */
  *blocksFrom(seq: number): Generator<BlockKey> {
    const { blocks } = this.tables;
    // A key sorts behind its own first element alone: [7] < [7, …] < [8].
    const [holder] = blocks.getKeys({ start: startAt(seq + 1), reverse: true, limit: 1 });
    const start = holder && holder[0] + holder[1] > seq ? holder[0] : seq + 1;
    for (const key of blocks.getKeys({ start: startAt(start) })) yield BlockKey.parse(key);
  }

  readCounters(): Counters {
    const text = this.tables.meta.get('counters');
    return text === undefined ? newCounters() : Counters.parse(JSON.parse(text));
  }

  /** LMDB shuts an environment for good when the write of a meta page failed; a fresh one reads what is on the disk. */
  async reopen(): Promise<void> {
    if (this.isOpen) await this.root.close();
    this.isOpen = false;
    this.root = openRoot(this.folder, this.mapBytes);
    Object.assign(this.tables, openTables(this.root));
    this.isOpen = true;
  }

  async close(): Promise<void> {
    if (this.isOpen) await this.root.close();
    await this.file.close();
  }
}

const startAt = (first: number): BlockKey => [first, 0, 0, 0, 0];

const openRoot = (folder: string, mapSize: number): RootDatabase<Buffer, string> =>
  open<Buffer, string>({
    path: folder,
    mapSize,
    maxDbs: 8,
    encoding: 'binary',
    // Off, the promise of a commit means the disk; on, lmdb promises that only of `flushed`. It would save nothing: our groups follow each other.
    overlappingSync: false,
    // On, a failed commit also rejects a promise that nobody holds.
    eventTurnBatching: false,
  });

const openTables = (root: RootDatabase<Buffer, string>): Tables => ({
  meta: root.openDB<string, string>({ name: 'meta', encoding: 'string' }),
  blocks: root.openDB<Buffer, BlockKey>({ name: 'blocks', encoding: 'binary' }),
  progress: root.openDB<string, string>({ name: 'progress', encoding: 'string' }),
  batches: root.openDB<string, string>({ name: 'batches', encoding: 'string' }),
  quarantine: root.openDB<Buffer, BlockKey>({ name: 'quarantine', encoding: 'binary' }),
});
