import { access, chmod, constants, mkdir, open, readdir, readFile, rename, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import { BarrageError } from '../model/errors.js';
import type { Logger } from '../model/log.js';
import { isOwnerFile } from './owner-file.js';
import { codeOf, shownCodeOf } from '../model/error-code.js';

/** Raised when what a spool holds changes so that an older barrage would misread it. */
const SPOOL_FORMAT = 1;

const FORMAT_FILE = 'format.json';
const FormatFile = z.looseObject({ format: z.int().positive() });

/** Makes the folder, or checks that it is a spool's and that this user alone reads and writes it. Throws `BAD_CONFIG`, in one sentence. */
export async function prepareFolder(folder: string, log: Logger): Promise<void> {
  const made = await mkdir(folder, { mode: 0o700 }).then(
    () => true,
    (error: unknown) => {
      if (codeOf(error) === 'EEXIST') return false;
      throw refusal(folder, whyNotMade(folder, error));
    },
  );
  if (made) return syncFolder(dirname(folder));
  const found = await stat(folder);
  if (!found.isDirectory()) throw refusal(folder, 'is a file, not a folder');
  await access(folder, constants.R_OK | constants.W_OK | constants.X_OK).catch(() => {
    throw refusal(folder, 'may not be read and written by this user');
  });
  const names = await readdir(folder); // now, for the lock leaves a file in it
  if (!names.includes(FORMAT_FILE) && names.some((name) => name !== `${FORMAT_FILE}.new` && !isOwnerFile(name)))
    throw refusal(folder, 'is not empty, and holds no spool');
  if ((found.mode & 0o077) !== 0) await closeToOthers(folder, log);
}

/** Reads the format of the spool, or writes it into a new folder. Throws `SPOOL_NEWER` or `BAD_CONFIG` before any entry was touched. */
export async function claimFormat(folder: string): Promise<void> {
  if (!(await readdir(folder)).includes(FORMAT_FILE)) return writeFormat(folder);
  const format = readFormat(await readFile(join(folder, FORMAT_FILE), 'utf8'));
  if (format === undefined) throw refusal(folder, `holds a ${FORMAT_FILE} that tells no format`);
  if (format > SPOOL_FORMAT)
    throw new BarrageError(
      'SPOOL_NEWER',
      `The spool in ${folder} has format ${format}, and this barrage reads up to format ${SPOOL_FORMAT}.`,
      { folder, format, readable: SPOOL_FORMAT },
    );
}

function readFormat(text: string): number | undefined {
  try {
    return FormatFile.parse(JSON.parse(text)).format;
  } catch {
    return undefined;
  }
}

async function writeFormat(folder: string): Promise<void> {
  const file = await open(join(folder, `${FORMAT_FILE}.new`), 'w', 0o600);
  try {
    await file.writeFile(`${JSON.stringify({ format: SPOOL_FORMAT })}\n`);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(join(folder, `${FORMAT_FILE}.new`), join(folder, FORMAT_FILE));
  await syncFolder(folder);
}

/** A new name in a folder survives a power cut only once the folder was synced, too. */
export async function syncFolder(folder: string): Promise<void> {
  if (process.platform === 'win32') return; // cannot sync a folder, and need not
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

async function closeToOthers(folder: string, log: Logger): Promise<void> {
  if (process.platform === 'win32') return; // has no such bits
  await chmod(folder, 0o700).catch(() => {
    throw refusal(folder, 'is open to other users, and belongs to one of them');
  });
  log.warn({ folder }, 'The spool folder was open to other users; now only this one may enter it.');
}

function whyNotMade(folder: string, error: unknown): string {
  switch (codeOf(error)) {
    case 'ENOENT':
      return `cannot be made, for ${dirname(folder)} does not exist`;
    case 'ENOTDIR':
      return `cannot be made, for ${dirname(folder)} is no folder`;
    case 'EACCES':
    case 'EPERM':
      return `cannot be made, for this user may not write to ${dirname(folder)}`;
    default:
      return `cannot be made (${shownCodeOf(error)})`;
  }
}

const refusal = (folder: string, why: string) =>
  new BarrageError('BAD_CONFIG', `The spool folder ${folder} ${why}.`, { folder });
