import { z } from 'zod';
import { DAILY_INDEXES, INDEXES, parseDaily, type NamedIndex } from './collections.js';
import type { StoreConfig } from './config.js';
import { withDeadline } from './deadline.js';
import type { Server } from './server.js';

const IndexList = z.object({ cursor: z.object({ firstBatch: z.array(z.object({ name: z.string() })) }) });

/** A new day's indexes are made while its collection is empty; longer than this no write waits for them. */
const DAILY_WITHIN_MS = 2_000;
const REMEMBERED_DAYS = 1_000;

/** Makes indexes, once a process and collection. Any number of processes may do it at once. */
export class Indexing {
  readonly #daily = new Map<string, Promise<void>>();
  #isPrepared = false;

  constructor(
    readonly server: Server,
    readonly eventIndexes: StoreConfig['eventIndexes'],
  ) {}

  /** The indexes of what is not split by day. Asks the server only until it has succeeded once. */
  async prepare(signal: AbortSignal): Promise<void> {
    if (this.#isPrepared) return;
    await this.server.traits(signal);
    for (const [collection, indexes] of Object.entries(INDEXES)) await this.#make(collection, indexes, signal);
    this.#isPrepared = true;
  }

  /** The indexes of a daily collection; never fails, as the events matter more: another attempt comes with the next start. */
  prepareDaily(collection: string, signal: AbortSignal): Promise<void> {
    const known = this.#daily.get(collection);
    if (known) return known;
    const made = this.#makeDaily(collection, signal).catch(() => undefined);
    if (this.#daily.size >= REMEMBERED_DAYS) this.#daily.clear();
    this.#daily.set(collection, made);
    return made;
  }

  async #makeDaily(collection: string, signal: AbortSignal): Promise<void> {
    const daily = parseDaily(collection);
    const { usesIndexes } = await this.server.traits(signal);
    if (!daily || this.eventIndexes === 'never' || (this.eventIndexes === 'auto' && !usesIndexes)) return;
    await withDeadline(DAILY_WITHIN_MS, signal, (within) =>
      this.#make(collection, DAILY_INDEXES[daily.prefix], within),
    );
  }

  /** One index a command, and only the missing ones: FerretDB 1 hangs up when asked for two that are there. */
  async #make(collection: string, indexes: readonly NamedIndex[], signal: AbortSignal): Promise<void> {
    const there = await this.#existing(collection, signal);
    for (const index of indexes) {
      if (!there.has(index.name))
        await this.server.db.command({ createIndexes: collection, indexes: [index] }, { signal });
    }
  }

  async #existing(collection: string, signal: AbortSignal): Promise<Set<string>> {
    const { db } = this.server;
    const [info] = await db.listCollections({ name: collection }, { nameOnly: true, signal }).toArray();
    if (!info) return new Set();
    const reply = await db.command({ listIndexes: collection, cursor: { batchSize: 100 } }, { signal });
    return new Set(IndexList.parse(reply).cursor.firstBatch.map(({ name }) => name));
  }
}
