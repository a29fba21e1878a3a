import { MongoBulkWriteError, MongoClient, type Collection } from 'mongodb';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Engine, engineSettings } from '../../src/engines/engine.js';
import { startMongo } from '../../src/engines/mongo.js';

const settings = { ...engineSettings(process.env), choice: 'build' } as const;
const MANY = 2_500;
const THERE = [0, 7, 8, 999, 1_000, 1_777, MANY - 1];

interface Numbered {
  _id: number;
  by: string;
}
const numbered = (ids: readonly number[], by: string): Numbered[] => ids.map((_id) => ({ _id, by }));
const all = Array.from({ length: MANY }, (_, i) => i);

describe('an insert into FerretDB', () => {
  let engine: Engine;
  let client: MongoClient;
  beforeAll(async () => {
    engine = await startMongo({ settings, report: () => undefined });
    client = new MongoClient(engine.address);
  });
  afterAll(async () => {
    await client.close();
    await engine.stop();
  });

  const collectionWith = async (name: string, ids: readonly number[]): Promise<Collection<Numbered>> => {
    const collection = client.db('barrage').collection<Numbered>(name);
    await collection.insertMany(numbered(ids, 'first'));
    return collection;
  };
  const refusedBy = async (insert: Promise<unknown>): Promise<number[]> => {
    const error: unknown = await insert.catch((refusal: unknown) => refusal);
    if (!(error instanceof MongoBulkWriteError)) throw new Error('it was not refused', { cause: error });
    return [error.writeErrors].flat().map(({ index, code }) => (code === 11_000 ? index : -1));
  };

  it('names each document that is there already, leaves it as it was, and takes all others', async () => {
    const collection = await collectionWith('unordered', THERE);
    expect(await refusedBy(collection.insertMany(numbered(all, 'second'), { ordered: false }))).toEqual(THERE);
    expect(await collection.countDocuments()).toBe(MANY);
    expect((await collection.find({ by: 'first' }).toArray()).map(({ _id }) => _id).sort((a, b) => a - b)).toEqual(
      THERE,
    );
  });

  it('stops at the first one that is there where it has an order, in a later thousand, too', async () => {
    const collection = await collectionWith('ordered', [1_777, 1_900]);
    expect(await refusedBy(collection.insertMany(numbered(all, 'second')))).toEqual([1_777]);
    expect(await collection.countDocuments()).toBe(1_777 + 2);
  });

  it('takes its turn among many others, and each is stored', async () => {
    const collection = client.db('barrage').collection<Numbered>('turns');
    const some = Array.from({ length: 40 }, (_, i) => numbered(all.slice(i * 50, (i + 1) * 50), 'somebody'));
    await Promise.all([
      ...some.map((documents) => collection.insertMany(documents, { ordered: false })),
      ...some.map((_, _id) =>
        client.db('barrage').collection<Numbered>(`turn_${_id}`).insertOne({ _id, by: 'somebody' }),
      ),
    ]);
    expect(await collection.countDocuments()).toBe(2_000);
  });
});
