import { randomUUID } from 'node:crypto';
import { MongoClient } from 'mongodb';
import { type Engine, engineSettings } from '../engines/engine.js';
import { startMongo } from '../engines/mongo.js';
import { StoreConfig } from '../store/config.js';
import { type MongoStore, openStore } from '../store/open-store.js';
import type { PartOptions } from './part.js';

/** A store on a database of its own, with the plain driver beside it. */
export interface BenchStore {
  store: MongoStore;
  client: MongoClient;
  database: string;
}

/** Lends a server: the embedded one, with its data in a temporary folder, or the one that is named. */
export async function withServer<T>(
  { env, report, signal }: PartOptions,
  named: string | undefined,
  use: (engine: Engine) => Promise<T>,
): Promise<T> {
  const engine = await startMongo({
    settings: engineSettings(env),
    report,
    signal,
    ...(named !== undefined && { named }),
  });
  try {
    return await use(engine);
  } finally {
    await engine.stop();
  }
}

/** Lends a new database, and drops it. */
export async function withStore<T>(
  { address }: Engine,
  config: Partial<StoreConfig>,
  signal: AbortSignal,
  use: (bench: BenchStore) => Promise<T>,
): Promise<T> {
  const database = `barrage-bench-${randomUUID().slice(0, 8)}`;
  const client = new MongoClient(address);
  const store = await openStore(StoreConfig.parse({ uri: address, database, ...config }));
  try {
    await store.prepare(signal);
    return await use({ store, client, database });
  } finally {
    await store.close();
    await client.db(database).dropDatabase();
    await client.close();
  }
}
