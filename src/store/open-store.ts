import { randomUUID } from 'node:crypto';
import { MongoClient, type MongoClientOptions } from 'mongodb';
import { COLLECTIONS } from './collections.js';
import type { StoreConfig } from './config.js';
import { withDeadline } from './deadline.js';
import { batchRoomsUpsert, batchUpsert } from './documents.js';
import { EventReads } from './event-reads.js';
import { secretsOf, unavailable } from './failure.js';
import { Indexing } from './indexing.js';
import { RangeWriter } from './range-writer.js';
import { RecordReads } from './record-reads.js';
import { Server } from './server.js';
import { watchMonitors } from './stalled-monitor.js';
import type { Store, WriteResult } from './store.js';
import { UpdateLock } from './update-lock.js';
import { abortable } from '../model/abortable.js';
import type { BatchTotals } from '../model/batch.js';
import { BarrageError } from '../model/errors.js';
import type { DeadLetter, SpoolRange } from '../model/records.js';

/** Making the indexes of a database that grew without them takes a while. */
const PREPARE_WITHIN_MS = 60_000;
const CLOSE_WITHIN_MS = 5_000;

export interface StoreDeps {
  /** Milliseconds since the epoch; absent: the machine's clock. */
  now?: () => number;
  /** Told of each entry that went to `dead_letters` because MongoDB does not take it. */
  onRefused?: (letter: DeadLetter) => void;
}

/** A `Store` that can be read, too. */
export interface MongoStore extends Store {
  /** Host names, for people: never the URI. */
  readonly hosts: string;
  readonly records: RecordReads;
  readonly events: EventReads;
  /** Throws `STORE_UNAVAILABLE`; otherwise gives the milliseconds it took. */
  ping(signal?: AbortSignal): Promise<number>;
}

/** Opens without asking the server: it may be away, and comes and goes while the store is open. Throws `BAD_CONFIG` for a URI that is none. */
export async function openStore(config: StoreConfig, deps: StoreDeps = {}): Promise<MongoStore> {
  return new Mongo(config, clientFor(config), deps);
}

function clientFor(config: StoreConfig): MongoClient {
  const options: MongoClientOptions = {
    appName: 'barrage',
    // One layer repeats, and it is the caller: a driver that repeats hides how the server is.
    retryWrites: false,
    retryReads: false,
    maxAdaptiveRetries: 0,
    serverSelectionTimeoutMS: config.serverSelectionTimeoutMs,
    connectTimeoutMS: config.connectTimeoutMs,
    waitQueueTimeoutMS: config.serverSelectionTimeoutMs,
    // Every operation has a deadline of its own; this one ends a connection whose deadline was lost.
    socketTimeoutMS: Math.max(config.writeTimeoutMs, config.readTimeoutMs, PREPARE_WITHIN_MS) + 5_000,
    maxPoolSize: config.maxConnections,
    maxIdleTimeMS: 300_000,
    // A server that broke one connection is asked again this soon; the driver's 500 ms would be the least that any broken connection costs.
    minHeartbeatFrequencyMS: 100,
    ignoreUndefined: true,
  };
  try {
    return new MongoClient(config.uri, options);
  } catch {
    // The driver's words about a malformed URI may quote it, password and all.
    throw new BarrageError('BAD_CONFIG', 'The MongoDB URI is not one; it looks like mongodb://127.0.0.1:27017/.');
  }
}

class Mongo implements MongoStore {
  readonly hosts: string;
  readonly records: RecordReads;
  readonly events: EventReads;
  readonly #server: Server;
  readonly #indexing: Indexing;
  readonly #writer: RangeWriter;
  readonly #lock: UpdateLock;
  readonly #secrets: string[];
  readonly #now: () => number;
  #connecting: Promise<unknown> | undefined;
  #closed = false;

  constructor(
    readonly config: StoreConfig,
    readonly client: MongoClient,
    deps: StoreDeps,
  ) {
    const { srvHost, hosts, credentials } = client.options;
    this.hosts = srvHost ?? hosts.map((host) => host.toString()).join(',');
    this.#secrets = secretsOf(config.uri, { auth: { password: credentials?.password ?? '' } });
    this.#now = deps.now ?? Date.now;
    this.#server = new Server(client.db(config.database));
    this.#indexing = new Indexing(this.#server, config.eventIndexes);
    this.#lock = new UpdateLock(this.#server, randomUUID(), this.#now);
    this.#writer = new RangeWriter({
      server: this.#server,
      lock: this.#lock,
      now: this.#now,
      maxDocumentsPerInsert: config.maxDocumentsPerInsert,
      writeTimeoutMs: config.writeTimeoutMs,
      prepareDaily: (collection, signal) => this.#indexing.prepareDaily(collection, signal),
      onRefused: deps.onRefused ?? ((): void => undefined),
    });
    const ask = { db: this.#server.db, run: this.#read.bind(this), readTimeoutMs: config.readTimeoutMs };
    this.records = new RecordReads(ask);
    this.events = new EventReads(ask);
    watchMonitors(client, config.connectTimeoutMs, () => this.#reconnect());
  }

  prepare(signal: AbortSignal): Promise<void> {
    return this.#guard('make its indexes', signal, PREPARE_WITHIN_MS, (within) => this.#indexing.prepare(within));
  }

  async write(range: SpoolRange, signal: AbortSignal): Promise<WriteResult> {
    const { writeTimeoutMs } = this.config;
    const run = (within: AbortSignal) => this.#writer.write(range, within);
    const result = await this.#guard('take a write', signal, writeTimeoutMs, run);
    return { ...result, ackedAt: this.#now() };
  }

  writeBatch(totals: BatchTotals, signal: AbortSignal): Promise<void> {
    return this.#guard('take the record of a batch', signal, this.config.writeTimeoutMs, async (within) => {
      // Its rooms first: a batch that is there is whole.
      await this.#writer.upsert(COLLECTIONS.batchRooms, batchRoomsUpsert(totals), within);
      await this.#writer.upsert(COLLECTIONS.batches, batchUpsert(totals), within);
    });
  }

  async ping(signal?: AbortSignal): Promise<number> {
    const startedAt = performance.now();
    await this.#read('answer', signal, (within) => this.#server.db.command({ ping: 1 }, { signal: within }));
    return performance.now() - startedAt;
  }

  async close(): Promise<void> {
    this.#closed = true;
    const late = new Promise<void>((resolve) => void setTimeout(resolve, CLOSE_WITHIN_MS).unref());
    await Promise.race([this.#lock.close().then(() => this.client.close()), late]);
  }

  #read<T>(what: string, signal: AbortSignal | undefined, run: (signal: AbortSignal) => Promise<T>): Promise<T> {
    return this.#guard(what, signal, this.config.readTimeoutMs, run);
  }

  /** The caller's abort comes out as its reason, everything else as a `BarrageError`. */
  async #guard<T>(
    what: string,
    signal: AbortSignal | undefined,
    timeoutMs: number,
    run: (signal: AbortSignal) => Promise<T>,
  ): Promise<T> {
    try {
      return await withDeadline(timeoutMs, signal, async (within) => {
        await abortable(this.#connect(), within);
        return run(within);
      });
    } catch (error) {
      if (signal?.aborted) throw signal.reason;
      throw unavailable(error, `${what} (${this.hosts})`, this.#secrets);
    }
  }

  /** By hand, because a client whose own first attempt failed says "Topology is closed" ever after. Ends within `serverSelectionTimeoutMs`. */
  async #connect(): Promise<void> {
    if (this.#closed) throw new BarrageError('STORE_UNAVAILABLE', 'The store is closed.');
    const connecting = (this.#connecting ??= this.client.connect());
    try {
      await connecting;
    } catch (error) {
      if (this.#connecting === connecting) this.#connecting = undefined;
      throw error;
    }
  }

  #reconnect(): void {
    if (this.#closed) return;
    // Whoever closes the store meanwhile must not find it open again.
    this.#connecting = this.client.close().then(() => (this.#closed ? undefined : this.client.connect()));
    this.#connecting.catch(() => undefined); // told to whoever asks next
  }
}
