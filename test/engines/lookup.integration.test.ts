import { MongoClient } from 'mongodb';
import { describe, expect, it } from 'vitest';
import { engineSettings } from '../../src/engines/engine.js';
import { startMongo } from '../../src/engines/mongo.js';

const settings = { ...engineSettings(process.env), choice: 'build' } as const;

async function withFerretDb(use: (client: MongoClient) => Promise<void>): Promise<void> {
  const engine = await startMongo({ settings, report: () => undefined });
  const client = new MongoClient(engine.address);
  try {
    await use(client);
  } finally {
    await client.close();
    await engine.stop();
  }
}

describe('FerretDB', () => {
  it('finds a document by its _id in the index, not by reading the collection', () =>
    withFerretDb(async (client) => {
      const connections = client.db('barrage').collection<{ _id: string }>('connections');
      await connections.insertMany([{ _id: 'a' }, { _id: 'b' }]);
      for (const beside of [{}, { room: { $exists: false } }]) {
        const { queryPlanner } = await connections.find({ ...beside, _id: 'b' }).explain();
        expect(JSON.stringify(queryPlanner)).toMatch(/SEARCH .* USING INDEX/);
      }
      expect(await connections.countDocuments({ _id: 'b', room: '1' })).toBe(0);
      await connections.updateOne({ _id: 'b' }, { $set: { room: '1' } });
      await expect(connections.find().toArray()).resolves.toEqual([{ _id: 'a' }, { _id: 'b', room: '1' }]);
      await expect(connections.deleteOne({ _id: 'c' })).resolves.toMatchObject({ deletedCount: 0 });
    }));

  const NOON = Date.UTC(2026, 8, 21, 12);
  const documents = [
    { _id: 'a', roomId: '1', to: new Date(NOON) },
    { _id: 'b', roomId: '2' },
    { _id: 'c', roomId: ['1', '3'], to: new Date(NOON + 1) },
    { _id: 'd', roomId: 1, to: null },
    { _id: 'e', roomId: 'é"<\\', to: [new Date(NOON + 1)] },
    { _id: 'f', to: String(NOON) },
  ];
  it.each([
    [{ roomId: '1' }, ['a', 'c']],
    [{ platform: { $exists: false }, roomId: '1' }, ['a', 'c']],
    [{ roomId: 'é"<\\' }, ['e']],
    [{ to: { $gte: new Date(NOON) } }, ['a', 'c', 'e']],
    [{ to: { $gte: new Date(NOON + 1) } }, ['c', 'e']],
    [{ to: { $exists: false } }, ['b']],
    [{ $or: [{ to: { $gte: new Date(NOON + 1) } }, { to: { $exists: false } }] }, ['b', 'c', 'e']],
    [{ roomId: '1', $or: [{ to: { $gte: new Date(NOON + 1) } }, { roomId: '2' }] }, ['c']],
  ])('answers %j from an index, and as MongoDB does', (filter, ids) =>
    withFerretDb(async (client) => {
      const gaps = client.db('barrage').collection<{ _id: string }>('gaps');
      await gaps.createIndexes([{ key: { roomId: 1, from: -1 } }, { key: { to: 1 } }]);
      await gaps.insertMany(documents);
      const { queryPlanner } = await gaps.find(filter).explain();
      expect(JSON.stringify(queryPlanner)).toMatch(/USING INDEX/);
      expect(JSON.stringify(queryPlanner)).not.toMatch(/SCAN/);
      expect((await gaps.find(filter).sort({ _id: 1 }).toArray()).map(({ _id }) => _id)).toEqual(ids);
      expect(await gaps.countDocuments(filter)).toBe(ids.length);
    }),
  );
});
