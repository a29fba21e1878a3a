import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { MongoClient } from 'mongodb';
import { describe, expect, inject, it, onTestFinished, vi } from 'vitest';
import { chat, chats, connection, dump, events, freshStore, gap, NEVER, NOON, range } from './entries.js';
import { startFlakyProxy } from '../../src/drills/flaky-proxy.js';
import { engineSettings } from '../../src/engines/engine.js';
import { startMongo } from '../../src/engines/mongo.js';
import type { SpoolRange } from '../../src/model/records.js';
import { StoreConfig } from '../../src/store/config.js';
import { openStore, type MongoStore } from '../../src/store/open-store.js';

const uri = inject('mongoUri');

async function throughProxy(config: Partial<StoreConfig> = {}) {
  const proxy = await startFlakyProxy(uri);
  onTestFinished(() => proxy.close());
  const { client, database } = await freshStore(uri);
  const store = await openStore(StoreConfig.parse({ uri: proxy.uri, database, ...config }));
  onTestFinished(() => store.close());
  return { proxy, store, client, database };
}

/** What the caller does: again, until it is acknowledged. */
async function untilAcknowledged(store: MongoStore, what: SpoolRange): Promise<number> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      await store.write(what, NEVER);
      return attempt;
    } catch (error) {
      expect(error).toMatchObject({ code: 'STORE_UNAVAILABLE' });
      if (attempt === 50) throw error;
    }
  }
}

describe('a network that loses acknowledgements', () => {
  it('leaves each event and each record once, however many answers to writes are lost', async () => {
    const { proxy, store, client, database } = await throughProxy({ maxDocumentsPerInsert: 50 });
    proxy.cutAfterRequest(0.1, 7);
    let attempts = 0;
    for (let i = 0; i < 10; i += 1) {
      const records = [
        { type: 'connection', connection: connection({ _id: `w1.${i}`, coveredUntil: NOON + i }) } as const,
        { type: 'gap', gap: gap(NOON + i, { _id: `after:w1.${i}`, to: NOON + 2 * i }) } as const,
      ];
      attempts += await untilAcknowledged(store, range([...chats(100, i * 100), ...records], 1 + i * 102));
    }
    expect(proxy.counts.cuts).toBeGreaterThan(5);
    expect(attempts).toBeGreaterThan(10);
    const all = await dump(client, database);
    expect(all['events_20260921']?.map(({ seq }) => Number(seq)).sort((a, b) => a - b)).toEqual(
      Array.from({ length: 1_000 }, (_, i) => 1 + i + 2 * Math.floor(i / 100)),
    );
    expect(all['connections']).toHaveLength(10);
    expect(all['gaps']).toHaveLength(10);
    expect(all).not.toHaveProperty('dead_letters');
  });

  it('throws STORE_UNAVAILABLE when an answer is lost, and finds all of it stored when asked again', async () => {
    const { proxy, store } = await throughProxy();
    await store.prepare(NEVER);
    proxy.cutAfterRequest(1);
    await expect(store.write(range(chats(100)), NEVER)).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' });
    proxy.restore();
    expect(await store.write(range(chats(100)), NEVER)).toMatchObject({ inserted: 0, duplicates: 100 });
  });

  it('does not take a lost connection for a fault of the events', async () => {
    const { proxy, store, client, database } = await throughProxy();
    proxy.cutAfterRequest(1);
    const poisoned = [...chats(10), ...events([chat(99, { color: Number.NaN })])];
    await expect(store.write(range(poisoned), NEVER)).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' });
    proxy.restore();
    await untilAcknowledged(store, range(poisoned));
    const all = await dump(client, database);
    expect(all['events_20260921']).toHaveLength(10);
    expect(all['dead_letters']).toHaveLength(1);
  });
});

describe('a server that is away', () => {
  it('is told within the deadline, and taken up again when it is back', async () => {
    const { proxy, store } = await throughProxy({ serverSelectionTimeoutMs: 500 });
    proxy.refuse();
    const startedAt = performance.now();
    await expect(store.prepare(NEVER)).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' });
    await expect(store.write(range(chats(1)), NEVER)).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' });
    expect(performance.now() - startedAt).toBeLessThan(5_000);
    proxy.restore();
    await vi.waitFor(() => store.write(range(chats(1)), NEVER), 15_000);
  });

  it('is found again however often all connections to it break at once', async () => {
    const { proxy, store } = await throughProxy({ connectTimeoutMs: 300, writeTimeoutMs: 1_000 });
    for (let time = 1; time <= 20; time += 1) {
      await vi.waitFor(() => store.write(range(chats(1, time)), NEVER), 15_000);
      await sleep(150); // then the driver looks at the server with the first broken connection, maybe through another one that breaks
      const during = store.write(range(chats(3_000, time * 10_000)), NEVER);
      setTimeout(() => proxy.refuse(), 4 * time); // in different places of the write
      await expect(during).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' });
      proxy.restore();
    }
  });

  it('is not looked for any more by a store that is closed in the midst of connecting anew', async () => {
    const connect = vi.spyOn(MongoClient.prototype, 'connect');
    onTestFinished(() => connect.mockRestore());
    const { store } = await throughProxy({ connectTimeoutMs: 100 });
    await store.write(range(chats(1)), NEVER);
    const client = connect.mock.contexts.at(-1);
    if (!(client instanceof MongoClient)) throw new Error('the store has no client');
    connect.mockClear();
    const close = client.close.bind(client);
    let goOn = (): void => undefined;
    const gate = new Promise<void>((resolve) => (goOn = resolve));
    const closing = vi.spyOn(client, 'close').mockImplementation(() => gate.then(() => close()));
    client.emit('serverHeartbeatStarted', { connectionId: 'stalled:27017', awaited: false }); // a look that never ends
    await vi.waitUntil(() => closing.mock.calls.length > 0, 15_000);
    const closed = store.close();
    goOn();
    await closed;
    expect(closing).toHaveBeenCalledTimes(2);
    expect(connect).not.toHaveBeenCalled();
  });

  it('is given up on at the deadline when it accepts and never answers', async () => {
    const { proxy, store } = await throughProxy({ writeTimeoutMs: 1_000 });
    await store.write(range(chats(1)), NEVER);
    proxy.delayMs(4_000);
    const startedAt = performance.now();
    const late = store.write(range(chats(10)), NEVER);
    await expect(late).rejects.toMatchObject({
      code: 'STORE_UNAVAILABLE',
      message: expect.stringContaining('1000 ms'),
    });
    expect(performance.now() - startedAt).toBeLessThan(3_000);
    proxy.restore();
    expect(await store.write(range(chats(10)), NEVER)).toMatchObject({ events: 10 });
  });

  it('is left at once when the caller aborts, with the reason of the caller', async () => {
    const { proxy, store } = await throughProxy();
    await store.write(range(chats(1)), NEVER);
    proxy.delayMs(5_000);
    const caller = new AbortController();
    const write = store.write(range(chats(10)), caller.signal);
    const startedAt = performance.now();
    setTimeout(() => caller.abort(new Error('shutting down')), 50);
    await expect(write).rejects.toThrow('shutting down');
    expect(performance.now() - startedAt).toBeLessThan(1_000);
    proxy.restore();
  });

  it('loses nothing that it acknowledged when it is killed and started again', async () => {
    const dataDir = await mkdtemp(join(tmpdir(), 'barrage-store-'));
    const options = { settings: engineSettings(process.env), report: () => undefined, dataDir };
    const first = await startMongo(options);
    const port = Number(new URL(first.address).port);
    const store = await openStore(StoreConfig.parse({ uri: first.address, serverSelectionTimeoutMs: 1_000 }));
    try {
      await store.write(range(chats(500)), NEVER);
      const dying = store.write(range(chats(2_000, 500), 501), NEVER).catch(() => undefined);
      first.kill();
      await first.exited;
      await dying;
      const second = await startMongo({ ...options, port });
      onTestFinished(() => second.stop());
      await vi.waitFor(() => store.write(range(chats(2_000, 500), 501), NEVER), 20_000);
      expect(await store.write(range(chats(2_500)), NEVER)).toMatchObject({ inserted: 0, duplicates: 2_500 });
    } finally {
      await store.close();
      onTestFinished(() => rm(dataDir, { recursive: true, force: true }));
    }
  });
});

describe('secrets', () => {
  it('are in no message, whatever fails', async () => {
    const secret = 'kanarienvogel';
    const malformed = StoreConfig.parse({ uri: `mongodb://user:${secret}@127.0.0.1:99999999/` });
    await expect(openStore(malformed)).rejects.toSatisfy((error) => !String(error).includes(secret));
    const away = StoreConfig.parse({ uri: `mongodb://user:${secret}@127.0.0.1:1/`, serverSelectionTimeoutMs: 200 });
    const store = await openStore(away);
    const failure = await store.ping().catch((error: unknown) => error);
    expect(failure).toMatchObject({ code: 'STORE_UNAVAILABLE', message: expect.stringContaining('127.0.0.1:1') });
    expect(JSON.stringify([failure, String(failure), store.hosts])).not.toContain(secret);
    await store.close();
  });
});
