import { randomUUID } from 'node:crypto';
import { MongoClient } from 'mongodb';
import { onTestFinished } from 'vitest';
import type { ConnectionRecord } from '../../src/model/connection.js';
import type { SpooledEvent } from '../../src/model/event.js';
import type { AudiencePoint, GapRecord, SpoolEntry, SpoolRange } from '../../src/model/records.js';
import { StoreConfig } from '../../src/store/config.js';
import { openStore, type MongoStore, type StoreDeps } from '../../src/store/open-store.js';

export const NEVER = new AbortController().signal;

/** 2026-09-21T12:00:00Z. */
export const NOON = Date.UTC(2026, 8, 21, 12);

export const chat = (n: number, more: Partial<SpooledEvent> = {}): SpooledEvent => ({
  _id: `bilibili:1000:chat:${n}`,
  platform: 'bilibili',
  roomId: '1000',
  kind: 'chat',
  at: NOON + n,
  atFrom: 'platform',
  receivedAt: NOON + n + 40,
  connectionId: 'w1.c1',
  messageId: String(n),
  user: { id: '42', name: '某人', level: 12, badge: { name: '勋章', level: 21, roomId: '1000', anchorName: '主播' } },
  text: `这是第${n}条弹幕 `.repeat(12),
  raw: 'x'.repeat(120),
  ...more,
});

export const events = (list: readonly SpooledEvent[]): SpoolEntry[] => list.map((event) => ({ type: 'event', event }));
export const chats = (count: number, first = 0): SpoolEntry[] =>
  events(Array.from({ length: count }, (_, i) => chat(first + i)));

export const range = (entries: SpoolEntry[], from = 1): SpoolRange => ({
  from,
  to: from + entries.length - 1,
  bytes: entries.length * 700,
  entries,
});

export const connection = (more: Partial<ConnectionRecord> = {}): ConnectionRecord => ({
  _id: 'w1.c1',
  platform: 'bilibili',
  roomId: '1000',
  workerId: 'w1',
  endpoint: 'wss://chat.example:443',
  attempt: 1,
  connectedAt: NOON,
  ...more,
});

export const gap = (from: number, more: Partial<GapRecord> = {}): GapRecord => ({
  _id: 'after:w1.c1',
  platform: 'bilibili',
  roomId: '1000',
  from,
  ...more,
});

export const audience = (at: number, values: AudiencePoint['values']): AudiencePoint => ({
  _id: `bilibili:1000:${at}`,
  platform: 'bilibili',
  roomId: '1000',
  at,
  values,
});

/** A store on a database of its own, and the plain driver beside it; both gone with the test. */
export async function freshStore(
  uri: string,
  config: Partial<StoreConfig> = {},
  deps: StoreDeps = {},
): Promise<{ store: MongoStore; client: MongoClient; database: string }> {
  const database = `store-${randomUUID().slice(0, 8)}`;
  const client = new MongoClient(uri);
  const store = await openStore(StoreConfig.parse({ uri, database, ...config }), deps);
  onTestFinished(async () => {
    await store.close();
    await client.db(database).dropDatabase();
    await client.close();
  });
  return { store, client, database };
}

/** Every document of every collection but the locks, by collection, in the order of `_id`. */
export async function dump(client: MongoClient, database: string): Promise<Record<string, Record<string, unknown>[]>> {
  const db = client.db(database);
  const names = (await db.listCollections({}, { nameOnly: true }).toArray()).map(({ name }) => name).sort();
  const found = names
    .filter((name) => name !== 'locks')
    .map(async (name) => [name, await db.collection(name).find().sort({ _id: 1 }).toArray()] as const);
  return Object.fromEntries(await Promise.all(found));
}
