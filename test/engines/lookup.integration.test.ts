import { MongoClient } from 'mongodb';
import { expect, it } from 'vitest';
import { engineSettings } from '../../src/engines/engine.js';
import { startMongo } from '../../src/engines/mongo.js';

const settings = { ...engineSettings(process.env), choice: 'build' } as const;

it('FerretDB finds a document by its _id in the index, not by reading the collection', async () => {
  const engine = await startMongo({ settings, report: () => undefined });
  const client = new MongoClient(engine.address);
  try {
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
  } finally {
    await client.close();
    await engine.stop();
  }
});
