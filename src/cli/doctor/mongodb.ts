import { randomUUID } from 'node:crypto';
import { MongoClient } from 'mongodb';
import { z } from 'zod';
import { BarrageError, ERRORS } from '../../model/errors.js';
import type { CommandContext } from '../context.js';
import { withoutCredentials } from '../secrets.js';
import { type Finding, findingsOf } from './check.js';
import { clockFinding } from './clock.js';

const PROBES = 'doctor_probes';
const CALL_WITHIN_MS = 10_000;

const server = findingsOf('mongodb');
const writes = findingsOf('mongodb writes');

const BuildInfo = z.object({ version: z.string(), ferretdbVersion: z.string().optional() });
const Hello = z.object({ localTime: z.date().optional() });

/** Whether MongoDB answers and takes a document; one is written, read and deleted. */
export async function checkMongo(context: CommandContext): Promise<Finding[]> {
  const { hosts } = await context.store(); // refuses a URI that is none, without quoting it
  const { config, originOf } = await context.settings();
  const client = new MongoClient(config.store.uri, {
    appName: 'barrage doctor',
    serverSelectionTimeoutMS: config.store.serverSelectionTimeoutMs,
    connectTimeoutMS: config.store.connectTimeoutMs,
    socketTimeoutMS: CALL_WITHIN_MS,
  });
  try {
    const { version, ferretdbVersion } = BuildInfo.parse(await client.db('admin').command({ buildInfo: 1 }));
    const name = ferretdbVersion === undefined ? `MongoDB ${version}` : `FerretDB, as MongoDB ${version},`;
    const found = server.ok(`${name} answers at ${hosts} (${originOf('store.uri').name}).`);
    return [found, await checkWrites(client, config.store.database), await checkClock(client)];
  } catch (error) {
    const { help } = ERRORS.STORE_UNAVAILABLE;
    return [server.fail(`MongoDB at ${hosts} does not answer: ${words(error)}.`, help)];
  } finally {
    await client.close().catch(() => undefined);
  }
}

const words = (error: unknown): string =>
  withoutCredentials(error instanceof Error ? error.message : 'unknown').slice(0, 200);

async function checkWrites(client: MongoClient, database: string): Promise<Finding> {
  const probes = client.db(database).collection<{ _id: string; at: Date }>(PROBES);
  const _id = randomUUID();
  try {
    await probes.insertOne({ _id, at: new Date() }, { writeConcern: { w: 'majority', journal: true } });
    const found = await probes.findOne({ _id });
    await probes.deleteOne({ _id });
    await probes.drop();
    if (found === null) throw new BarrageError('STORE_UNAVAILABLE', 'what was written was not found');
    return writes.ok(`The database "${database}" took a document, gave it back, and deleted it.`);
  } catch (error) {
    return writes.fail(
      `The database "${database}" refuses a write: ${words(error)}.`,
      'Give the user of store.uri the role readWrite on it.',
    );
  }
}

async function checkClock(client: MongoClient): Promise<Finding> {
  const askedAt = Date.now();
  const { localTime } = Hello.parse(await client.db('admin').command({ hello: 1 }));
  return clockFinding('MongoDB', localTime?.getTime(), askedAt, Date.now());
}
