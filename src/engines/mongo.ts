import { MongoClient } from 'mongodb';
import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { BarrageError } from '../model/errors.js';
import { findBinary, wordsOf, type Binary } from './binary.js';
import type { Engine, EngineOptions, EngineSettings, Report } from './engine.js';
import { launch } from './launch.js';
import { mongoBinary } from './mongo-binary.js';
import { namedEngine } from './named-engine.js';
import { KEPT_LOG_BYTES } from './write-ahead-log.js';

const ANSWER_WITHIN_MS = 5_000;
const NEVER = new AbortController().signal;
/** FerretDB keeps some megabytes between commands: three times that is soon full, and ten times cheap. */
const FEWER_COLLECTIONS = { GOGC: '1000' };

export interface MongoOptions extends EngineOptions {
  /** The URI of a server of somebody else's: nothing is started, only asked whether it answers. */
  named?: string;
}

/**
 * Finds or starts a server that speaks MongoDB's protocol. Throws `STORE_UNAVAILABLE` for a named one, `ENGINE_MISSING` or `ENGINE_FAILED` for one of ours.
 * An acknowledged write outlives a kill of FerretDB and a power cut; with mongod only if the write asks for the journal (`j: true`).
 */
export async function startMongo(options: MongoOptions): Promise<Engine> {
  if (options.named !== undefined) return reachMongo(options.named);
  const signal = options.signal ?? NEVER;
  const { report } = options;
  const settings = settingsForData(options.dataDir, options.settings, report);
  const binary = await findBinary(mongoBinary(settings), settings, report, signal);
  const plan = {
    id: 'mongo',
    binary,
    ports: [options.port ?? 0],
    args: (folder: string, [port = 0]: readonly number[]) =>
      serverArgs(binary, folder, port, options.dataDir !== undefined),
    ask: async ([port = 0]: readonly number[]) => void (await askServer(`mongodb://127.0.0.1:${port}/`)),
    describe: ([port = 0]: readonly number[]) => ({ address: `mongodb://127.0.0.1:${port}/` }),
    env: FEWER_COLLECTIONS,
  };
  const engine = await launch(plan, options, signal);
  report(`${binary.name} ${binary.version} (${binary.how}) serves ${engine.address}`);
  return engine;
}

/** Each server has a folder of its own within the data: their files have nothing in common. */
const folderOf = (binary: Pick<Binary, 'name'>): string => binary.name.toLowerCase();

/** Data that FerretDB wrote stays with FerretDB, though mongod can be had by now: it would start with nothing in it. */
function settingsForData(dataDir: string | undefined, settings: EngineSettings, report: Report): EngineSettings {
  if (dataDir === undefined || settings.choice !== 'auto') return settings;
  if (!existsSync(join(dataDir, 'ferretdb')) || existsSync(join(dataDir, 'mongod'))) return settings;
  report(`the data in ${dataDir} belong to FerretDB, so it serves them`);
  return { ...settings, choice: 'build' };
}

async function serverArgs(binary: Binary, folder: string, port: number, keep: boolean): Promise<string[]> {
  const data = join(folder, folderOf(binary));
  await mkdir(data, { recursive: true });
  if (binary.name === 'mongod') {
    // Its cache would otherwise take half of the memory of the machine it shares with everything else.
    return [
      '--dbpath',
      data,
      '--port',
      String(port),
      '--bind_ip',
      '127.0.0.1',
      '--quiet',
      '--wiredTigerCacheSizeGB',
      '1',
    ];
  }
  // `full` is what makes SQLite's log reach the disk before an insert is acknowledged; a temporary server need not wait for that.
  const synchronous = keep ? 'full' : 'off';
  const log = ['journal_mode(wal)', `journal_size_limit(${KEPT_LOG_BYTES})`];
  // Events hit their index of `_id` at random: with more of it at hand, and four times as many changes gathered before they are copied from the log to the
  // file, a page is read and written less often.
  const pages = ['cache_size(-8192)', 'wal_autocheckpoint(4000)'];
  // What a statement could undo is kept in memory: nothing of it outlives the statement.
  const pragmas = ['busy_timeout(10000)', ...log, ...pages, `synchronous(${synchronous})`, 'temp_store(memory)'];
  return ['-listen', `127.0.0.1:${port}`, '-dir', data, '-pragmas', pragmas.join(';')];
}

const BuildInfo = z.object({ version: z.string(), ferretdbVersion: z.string().optional() });

async function askServer(uri: string): Promise<z.output<typeof BuildInfo>> {
  const limits = {
    serverSelectionTimeoutMS: ANSWER_WITHIN_MS,
    connectTimeoutMS: ANSWER_WITHIN_MS,
    socketTimeoutMS: ANSWER_WITHIN_MS,
  };
  const client = new MongoClient(uri, { ...limits, appName: 'barrage' });
  try {
    await client.connect();
    await client.db('admin').command({ ping: 1 });
    return BuildInfo.parse(await client.db('admin').command({ buildInfo: 1 }));
  } finally {
    await client.close();
  }
}

async function reachMongo(uri: string): Promise<Engine> {
  const hosts = hostsOf(uri);
  const info = await askServer(uri).catch((error: unknown): never => {
    throw new BarrageError('STORE_UNAVAILABLE', `MongoDB at ${hosts} does not answer (${wordsOf(error)}).`);
  });
  const [name, version] =
    info.ferretdbVersion === undefined ? ['MongoDB', info.version] : ['FerretDB', info.ferretdbVersion];
  return namedEngine(name, version, uri);
}

/** Host names only: the rest of a URI may hold a password, and so may the driver's words about a malformed one. */
function hostsOf(uri: string): string {
  try {
    const { srvHost, hosts } = new MongoClient(uri).options;
    return srvHost ?? hosts.map((host) => host.toString()).join(',');
  } catch {
    throw new BarrageError(
      'BAD_CONFIG',
      'MONGODB_URI is not a MongoDB connection string; it looks like mongodb://127.0.0.1:27017/.',
    );
  }
}
