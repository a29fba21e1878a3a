import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';

/** The files of a database, in bytes: what it keeps, and the log it writes ahead. */
export interface DatabaseSizes {
  data: number;
  log: number;
}

const IS_LOG = /-wal$/;
/** Shared memory and locks are no data; text is logs of the program. */
const IS_NONE = /(-shm|\.lock|\.pid|\.log|\.log\.1)$/;

/** Sums up the files of a folder and of those in it. Files come and go meanwhile. */
export async function databaseSizes(folder: string): Promise<DatabaseSizes> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
  const sizes = { data: 0, log: 0 };
  for (const entry of entries) {
    if (!entry.isFile() || IS_NONE.test(entry.name)) continue;
    const bytes = await stat(join(entry.parentPath, entry.name)).then(
      ({ size }) => size,
      () => 0,
    );
    sizes[IS_LOG.test(entry.name) ? 'log' : 'data'] += bytes;
  }
  return sizes;
}
