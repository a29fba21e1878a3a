import { MongoClient } from 'mongodb';
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { engineSettings } from '../../src/engines/engine.js';
import { startMongo } from '../../src/engines/mongo.js';
import { KEPT_LOG_BYTES } from '../../src/engines/write-ahead-log.js';

const settings = { ...engineSettings(process.env), choice: 'build' } as const;
const DOCUMENT_BYTES = 500_000;

it('FerretDB gives back a log that grew while somebody read for long, and uses the space of a dropped day again', async () => {
  const dataDir = await mkdtemp(join(tmpdir(), 'barrage-growth-test-'));
  const sizeOf = async (name: string): Promise<number> => (await stat(join(dataDir, 'ferretdb', name))).size;
  const engine = await startMongo({ settings, report: () => undefined, dataDir });
  const client = new MongoClient(engine.address);
  try {
    const db = client.db('barrage');
    const insert = (day: string, count: number): Promise<unknown> =>
      db.collection(day).insertMany(Array.from({ length: count }, () => ({ text: 'x'.repeat(DOCUMENT_BYTES) })));
    await insert('events_20260901', 4);
    const reader = db.collection('events_20260901').find({}, { batchSize: 2 });
    await reader.next();
    for (let round = 0; round < 4; round += 1) await insert('events_20260901', 10);
    expect(await sizeOf('barrage.sqlite-wal')).toBeGreaterThan(KEPT_LOG_BYTES);

    await reader.close();
    for (let round = 0; round < 2; round += 1) await insert('events_20260901', 1);
    expect(await sizeOf('barrage.sqlite-wal')).toBeLessThanOrEqual(KEPT_LOG_BYTES);

    const full = await sizeOf('barrage.sqlite');
    expect(full).toBeGreaterThan(40 * DOCUMENT_BYTES);
    await db.collection('events_20260901').drop();
    for (let round = 0; round < 2; round += 1) await insert('events_20260902', 10);
    // Some of it was still in the log.
    expect(await sizeOf('barrage.sqlite')).toBeLessThan(full + 5 * DOCUMENT_BYTES);
  } finally {
    await client.close();
    await engine.stop();
    await rm(dataDir, { recursive: true, force: true });
  }
});
