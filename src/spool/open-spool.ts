import { randomInt } from 'node:crypto';
import { resolve } from 'node:path';
import { BarrageError } from '../model/errors.js';
import type { SpoolConfig } from './config.js';
import { newCounters } from './counters.js';
import { SpoolDatabase } from './database.js';
import { claimFormat, prepareFolder, syncFolder } from './folder.js';
import { lockFolder, type FolderLock } from './folder-lock.js';
import { LmdbSpool } from './lmdb-spool.js';
import { silentLog, type Logger } from '../model/log.js';
import type { Spool } from './spool.js';

const ID_LETTERS = 'abcdefghijklmnopqrstuvwxyz0123456789';

export interface SpoolOptions {
  config: SpoolConfig;
  log?: Logger;
}

/**
 * Opens the spool in a folder, or makes one. The folder belongs to this process until `close`, or until the process ends in any way.
 * Throws `BAD_CONFIG`, `SPOOL_LOCKED`, `SPOOL_NEWER` or `SPOOL_FAILED`, each in one sentence.
 */
export async function openSpool({ config, log = silentLog }: SpoolOptions): Promise<Spool> {
  const folder = resolve(config.folder);
  await prepareFolder(folder, log);
  const lock = await lockFolder(folder, log);
  try {
    await claimFormat(folder);
    const database = await openDatabase(folder, config.quotaBytes);
    return await startSpool({ ...config, folder }, database, log, lock).catch(async (error: unknown) => {
      await database.close();
      throw error;
    });
  } catch (error) {
    await lock.release();
    throw error;
  }
}

async function startSpool(config: SpoolConfig, database: SpoolDatabase, log: Logger, lock: FolderLock): Promise<Spool> {
  const hasRoom = await database.reserve(0, 0, 'append'); // where not, what is in the spool can still be stored
  const workerId = database.tables.meta.get('workerId') ?? (await newWorker(database, config.folder, hasRoom));
  return new LmdbSpool({ workerId, config, database, log, release: () => lock.release() });
}

async function openDatabase(folder: string, quotaBytes: number): Promise<SpoolDatabase> {
  try {
    return await SpoolDatabase.open(folder, quotaBytes);
  } catch (error) {
    const reason = error instanceof Error ? error.message.slice(0, 120) : 'unknown';
    throw new BarrageError('SPOOL_FAILED', `The spool in ${folder} cannot be opened: ${reason}.`, { folder });
  }
}

/** The id goes with the numbers: a folder whose database was deleted begins again at 1, as another worker. */
async function newWorker(database: SpoolDatabase, folder: string, hasRoom: boolean): Promise<string> {
  if (!hasRoom) throw new BarrageError('SPOOL_FULL', `The disk that holds the spool ${folder} is full.`, { folder });
  const letters = Array.from({ length: 8 }, () => ID_LETTERS[randomInt(ID_LETTERS.length)]);
  const workerId = `w${letters.join('')}`;
  const counters = JSON.stringify(newCounters());
  await database.commit([({ meta }) => meta.put('workerId', workerId), ({ meta }) => meta.put('counters', counters)]);
  await syncFolder(folder);
  return workerId;
}
