import type { Document, MongoClient } from 'mongodb';
import { Metrics } from '../../activities/metrics.js';
import { SpoolDrainer } from '../../activities/spool-drainer.js';
import type { Engine } from '../../engines/engine.js';
import { silentLog } from '../../model/log.js';
import type { SpoolEntry } from '../../model/records.js';
import { SpoolConfig } from '../../spool/config.js';
import { openSpool } from '../../spool/open-spool.js';
import type { Spool } from '../../spool/spool.js';
import { eventDocument } from '../../store/documents.js';
import { WorkerConfig } from '../../workers/config.js';
import { type BenchStore, withServer, withStore } from '../embedded-store.js';
import { atLeast, type Part, type PartOptions, type Row, told } from '../part.js';
import { NOON, sampleEntries } from '../sample-events.js';
import { spreadOf } from '../statistics.js';
import { withFolder } from '../temporary-folder.js';
import { sizesOf } from './sizes.js';

const ROUNDS = 5;
const EVENTS = 20_000;
const APPEND = 500;
/** Of one `insertMany` of the bare loop; barrage's inserts have as many. */
const INSERT = 1_000;
const COLLECTION = 'bare';

interface Took {
  ms: number;
  /** Of this process; the server's is not in it. */
  cpuMs: number;
}

export const store: Part = {
  name: 'store',
  about: 'spool to MongoDB by persistBatch, against a bare insertMany loop of the same documents',
  async *run(options) {
    yield await withServer(options, undefined, async (engine) => {
      const entries = sampleEntries(options.seed, EVENTS, NOON);
      const own: Took[] = [];
      const bare: Took[] = [];
      for (let round = -1; round < ROUNDS; round += 1) {
        const both = await oneRound(engine, entries, round % 2 === 0, options);
        if (round < 0) continue; // for the compiler
        own.push(both.own);
        bare.push(both.bare);
        options.report(`round ${round + 1}: ${(both.bare.ms / both.own.ms).toFixed(2)} of the bare loop`);
      }
      return {
        rows: [...rowsOf(entries.length, own, bare), ...sizesOf(documentsOf(entries))],
        notes: [
          `${entries.length.toLocaleString('en')} events a round on ${engine.name} ${engine.version} with its data in a temporary folder (it does not wait for ` +
            'the disk there, which leaves the least to hide behind). The bare loop has its documents ready in memory and sends 1,000 after 1,000, ' +
            'acknowledged as barrage asks for it; persistBatch reads them from the spool, makes documents, and acknowledges in the spool. A new database each.',
        ],
      };
    });
  },
};

async function oneRound(
  engine: Engine,
  entries: readonly SpoolEntry[],
  ownFirst: boolean,
  { signal }: PartOptions,
): Promise<{ own: Took; bare: Took }> {
  const drain = (): Promise<Took> =>
    withFolder((folder) => withStore(engine, {}, signal, (bench) => drainAll(folder, entries, bench, signal)));
  const loop = (): Promise<Took> =>
    withStore(engine, {}, signal, ({ client, database }) => insertAll(documentsOf(entries), client, database, signal));
  if (ownFirst) return { own: await drain(), bare: await loop() };
  const bare = await loop();
  return { own: await drain(), bare };
}

async function drainAll(
  folder: string,
  entries: readonly SpoolEntry[],
  { store }: BenchStore,
  signal: AbortSignal,
): Promise<Took> {
  const spool = await openSpool({ config: SpoolConfig.parse({ folder }) });
  try {
    for (let at = 0; at < entries.length; at += APPEND) await spool.append(entries.slice(at, at + APPEND));
    const settings = WorkerConfig.parse({});
    let stop = (): Took => ({ ms: 0, cpuMs: 0 });
    let took: Took | undefined;
    const drainer = new SpoolDrainer({
      spool,
      store,
      metrics: new Metrics(),
      log: silentLog,
      now: Date.now,
      settings,
      finishing: AbortSignal.abort(), // what is there is written, and nothing waited for
      running: () => () => undefined,
      onStored: ({ to }) => {
        if (to === entries.length) took = stop();
      },
    });
    stop = stopwatch();
    await drainer.drain({ workerId: spool.workerId, firstSeq: 1 }, attempt(signal));
    return stored(spool, took);
  } finally {
    await spool.close();
  }
}

const attempt = (signal: AbortSignal) => ({
  taskToken: 'bench',
  signal,
  heartbeat: () => undefined,
  ended: () => undefined,
});

function stored(spool: Spool, took: Took | undefined): Took {
  const { depth } = spool.state();
  if (depth > 0 || took === undefined) throw new Error(`${depth} entries were not stored`);
  return took;
}

const documentsOf = (entries: readonly SpoolEntry[]): Document[] =>
  entries.flatMap((entry, index) =>
    entry.type === 'event' ? [eventDocument(entry.event, index + 1, new Date())] : [],
  );

async function insertAll(
  documents: readonly Document[],
  client: MongoClient,
  database: string,
  signal: AbortSignal,
): Promise<Took> {
  const collection = client.db(database, { writeConcern: { w: 'majority', journal: true } }).collection(COLLECTION);
  const stop = stopwatch();
  for (let at = 0; at < documents.length; at += INSERT) {
    signal.throwIfAborted();
    await collection.insertMany(documents.slice(at, at + INSERT), { ordered: false });
  }
  return stop();
}

function stopwatch(): () => Took {
  const cpu = process.cpuUsage();
  const startedAt = performance.now();
  return () => {
    const { user, system } = process.cpuUsage(cpu);
    return { ms: performance.now() - startedAt, cpuMs: (user + system) / 1_000 };
  };
}

function rowsOf(events: number, own: readonly Took[], bare: readonly Took[]): Row[] {
  const rate = (took: readonly Took[]) => spreadOf(took.map(({ ms }) => (events / ms) * 1_000));
  const cpu = (took: readonly Took[]) => spreadOf(took.map(({ cpuMs }) => (cpuMs / events) * 1_000));
  const ratios = own.map(({ ms }, round) => (bare[round]?.ms ?? 0) / ms);
  return [
    told('persistBatch', rate(own), 'events/s'),
    told('bare insertMany loop', rate(bare), 'events/s'),
    atLeast('of the bare loop', spreadOf(ratios), 'ratio', 0.9),
    told('persistBatch: CPU of this process', cpu(own), 'µs/event'),
    told('bare loop: CPU of this process', cpu(bare), 'µs/event'),
  ];
}
