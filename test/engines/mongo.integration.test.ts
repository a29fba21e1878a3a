import { MongoClient } from 'mongodb';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { engineSettings, type Engine } from '../../src/engines/engine.js';
import { startMongo, type MongoOptions } from '../../src/engines/mongo.js';

const settings = engineSettings(process.env);
const started: Engine[] = [];
let dataDir: string;

const start = async (options: Partial<MongoOptions> = {}): Promise<Engine> => {
  const engine = await startMongo({ settings, report: () => undefined, ...options });
  started.push(engine);
  return engine;
};

const withEvents = async <T>(engine: Engine, work: (events: ReturnType<typeof eventsOf>) => Promise<T>): Promise<T> => {
  const client = new MongoClient(engine.address, { serverSelectionTimeoutMS: 5_000 });
  try {
    return await work(eventsOf(client));
  } finally {
    await client.close();
  }
};
const eventsOf = (client: MongoClient) => client.db('barrage').collection<{ _id: string; n?: number }>('events');

beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'barrage-mongo-test-'));
});
afterEach(async () => {
  await Promise.all(started.splice(0).map((engine) => engine.stop()));
  await rm(dataDir, { recursive: true, force: true });
});

describe('startMongo', { timeout: 60_000 }, () => {
  it('keeps what was acknowledged through a clean stop, on the same port', async () => {
    const first = await start({ dataDir });
    await withEvents(first, (events) => events.insertOne({ _id: 'a' }, { writeConcern: { w: 1, journal: true } }));
    await first.stop();
    await expect(first.exited).resolves.toMatchObject({ signal: null });

    const second = await start({ dataDir, port: Number(new URL(first.address).port) });
    expect(second.address).toBe(first.address);
    expect(await withEvents(second, (events) => events.findOne({ _id: 'a' }))).toEqual({ _id: 'a' });
  });

  it('keeps what was acknowledged when it is killed in the middle of writing', async () => {
    const first = await start({ dataDir });
    const acknowledged: string[] = [];
    await withEvents(first, async (events) => {
      for (let batch = 0; ; batch += 1) {
        const docs = Array.from({ length: 200 }, (_, n) => ({ _id: `${batch}-${n}`, n }));
        const writing = events.insertMany(docs, { ordered: false, writeConcern: { w: 1, journal: true } });
        if (batch === 5) first.kill();
        const done = await writing.then(
          () => true,
          () => false,
        );
        if (!done) return;
        acknowledged.push(...docs.map(({ _id }) => _id));
      }
    });
    await expect(first.exited).resolves.toEqual({ code: null, signal: 'SIGKILL' });
    expect(acknowledged.length).toBeGreaterThanOrEqual(1_000);

    const second = await start({ dataDir, port: Number(new URL(first.address).port) });
    const stored = new Set(
      await withEvents(second, (events) =>
        events
          .find()
          .map(({ _id }) => _id)
          .toArray(),
      ),
    );
    expect(acknowledged.filter((id) => !stored.has(id))).toEqual([]);
  });

  it('runs twice at once, on different ports and without sharing anything', async () => {
    const [one, two] = await Promise.all([start(), start()]);
    expect(one.address).not.toBe(two.address);
    await withEvents(one, (events) => events.insertOne({ _id: 'only in one' }));
    expect(await withEvents(two, (events) => events.countDocuments())).toBe(0);
  });

  it('reports every duplicate of an unordered insert with code 11000, and stores the others', async () => {
    const engine = await start();
    const failure = await withEvents(engine, async (events) => {
      await events.insertMany([{ _id: 'b' }, { _id: 'd' }]);
      return events
        .insertMany([{ _id: 'a' }, { _id: 'b' }, { _id: 'c' }, { _id: 'd' }, { _id: 'e' }], { ordered: false })
        .catch((error: unknown) => error);
    });
    expect(failure).toMatchObject({ code: 11000, insertedCount: 3 });
    expect(failure).toHaveProperty('writeErrors', [
      expect.objectContaining({ index: 1, code: 11000 }),
      expect.objectContaining({ index: 3, code: 11000 }),
    ]);
    expect(await withEvents(engine, (events) => events.countDocuments())).toBe(5);
  });

  it('takes hundreds of updates of existing documents in one bulk write, and goes on serving', async () => {
    const engine = await start();
    await withEvents(engine, async (events) => {
      const ids = Array.from({ length: 300 }, (_, n) => `r${n}`);
      await events.insertMany(ids.map((_id) => ({ _id, n: 0 })));
      const updates = ids.map((_id) => ({ updateOne: { filter: { _id }, update: { $max: { n: 1 } }, upsert: true } }));
      await expect(events.bulkWrite(updates, { ordered: false })).resolves.toMatchObject({ modifiedCount: 300 });
      await expect(events.countDocuments({ n: 1 })).resolves.toBe(300);
    });
  });

  it('refuses data that a running server uses, and names the process', async () => {
    const engine = await start({ dataDir });
    await expect(start({ dataDir })).rejects.toMatchObject({
      code: 'ENGINE_FAILED',
      message: `Process ${engine.pid} still uses the data in ${dataDir}; stop it first.`,
    });
  });

  it('says when a named port is taken', async () => {
    const engine = await start();
    const port = Number(new URL(engine.address).port);
    await expect(start({ dataDir, port })).rejects.toThrow(`Port ${port} of 127.0.0.1 is in use by another program.`);
  });

  it('quotes the end of the log when the server ends before it serves', async () => {
    await mkdir(join(dataDir, 'ferretdb'));
    await writeFile(
      join(dataDir, 'ferretdb', 'broken.sqlite'),
      'no database at all, whatever its name may say'.repeat(50),
    );
    const build = { ...settings, choice: 'build' } as const;
    await expect(start({ dataDir, settings: build })).rejects.toThrow(
      /ended before it served .*The end of .*mongo\.log:\n.*not a database/s,
    );
  });

  it('only asks a named server, and says in one sentence that it cannot be reached, without its password', async () => {
    const named = 'mongodb://admin:hunter2@127.0.0.1:9/?authSource=admin';
    const failure = await startMongo({ settings, report: () => undefined, named }).catch((error: unknown) => error);
    expect(failure).toMatchObject({ code: 'STORE_UNAVAILABLE' });
    expect(String(failure)).toMatch(/^BarrageError: MongoDB at 127\.0\.0\.1:9 does not answer \(.*ECONNREFUSED.*\)\.$/);
    expect(JSON.stringify(failure) + String(failure)).not.toContain('hunter2');
  });

  it('leaves a named server alone on stop', async () => {
    const engine = await start();
    const named = await startMongo({ settings, report: () => undefined, named: engine.address });
    expect(named.how).toBe('named');
    await named.stop();
    expect(await withEvents(engine, (events) => events.countDocuments())).toBe(0);
  });
});
