import { BSON, Binary, BSONRegExp, Double, Int32, Long, MongoClient, ObjectId, Timestamp } from 'mongodb';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { engineSettings } from '../../src/engines/engine.js';
import { startMongo } from '../../src/engines/mongo.js';

const DOCUMENTS = 400;

const odd = fc.constantFrom(
  '"',
  '\\',
  '<b>&',
  '\u2028',
  '\u007f',
  '\n',
  '{"$s":',
  ',"a":',
  'é',
  '主播好',
  '🎉',
  'null',
);
const text = fc.oneof(
  fc.string(),
  odd,
  fc.array(odd, { maxLength: 4 }).map((some) => some.join('')),
);
/** What names a field of its own in any database, and in FerretDB's JSON. */
const name = text.map((given) => given.replace(/[.$\0]/g, '_') || 'empty').filter((given) => given.isWellFormed());
const whole = fc.oneof(fc.integer(), fc.constantFrom(0, -1, 2 ** 31 - 1, -(2 ** 31)));
const scalar = fc.oneof(
  text.filter((given) => given.isWellFormed()),
  whole.map((value) => new Int32(value)),
  fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }).map((value) => Long.fromBigInt(value)),
  fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => new Double(value + 0)),
  fc.boolean(),
  fc.constant(null),
  fc.date({ noInvalidDate: true }),
  fc.uint8Array({ maxLength: 9 }).map((bytes) => new Binary(bytes)),
  fc.uint8Array({ minLength: 12, maxLength: 12 }).map((bytes) => new ObjectId(bytes)),
  fc.constantFrom(new BSONRegExp('a"b', 'i'), new Timestamp({ t: 7, i: 1 })),
);
const { value } = fc.letrec((tie) => ({
  value: fc.oneof(
    { depthSize: 'small' },
    scalar,
    tie('fields'),
    fc.array(fc.oneof(scalar, tie('fields')), { maxLength: 3 }),
  ),
  fields: fc.dictionary(name, tie('value'), { maxKeys: 4 }),
}));

it('FerretDB gives each document back as it was stored, and after a change of it, too', async () => {
  const contents = fc.sample(fc.dictionary(name, value, { maxKeys: 6 }), { numRuns: DOCUMENTS, seed: 7 });
  const documents = contents.map((content, _id) => ({ _id: new Int32(_id), content, ...content }));
  const engine = await startMongo({
    settings: { ...engineSettings(process.env), choice: 'build' },
    report: () => undefined,
  });
  const client = new MongoClient(engine.address, { promoteValues: false, bsonRegExp: true });
  try {
    const stored = client.db('barrage').collection<{ _id: Int32 }>('documents');
    await stored.insertMany(documents, { ordered: false });
    const read = (): Promise<object[]> => stored.find().sort({ _id: 1 }).toArray();
    const shown = (some: readonly object[]): string[] =>
      some.map((one) => BSON.EJSON.stringify(one, { relaxed: false }));
    expect(shown(await read())).toEqual(shown(documents));
    await stored.updateMany({}, { $set: { changed: new Int32(1) } });
    expect(shown(await read())).toEqual(shown(documents.map((one) => ({ ...one, changed: new Int32(1) }))));
  } finally {
    await client.close();
    await engine.stop();
  }
});
