import { access, constants, readdir, statfs } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { BarrageError, ERRORS } from '../../model/errors.js';
import { MOST_FILE_TO_QUOTA } from '../../spool/config.js';
import { openSpool } from '../../spool/open-spool.js';
import type { Settings } from '../settings.js';
import { type Finding, findingsOf } from './check.js';
import { shownCodeOf } from '../../model/error-code.js';

const GiB = 1024 ** 3;
const SCARCE_BYTES = GiB;
const OTHER_DISK = 'Free some, or choose another disk with spool.folder.';
const place = findingsOf('spool');
const disk = findingsOf('disk');

/** The folder of spools, each spool in it, and the room there is on its disk. */
export async function checkSpools(settings: Settings): Promise<Finding[]> {
  const { folder } = settings.config.spool;
  const room = await checkDisk(settings);
  const names = await readdir(folder).catch(shownCodeOf);
  if (typeof names === 'string' && names !== 'ENOENT') {
    return [place.fail(`The spool folder ${folder} cannot be read (${names}).`, 'Give this user the folder.'), room];
  }
  const writable = await askNearest(folder, isWritable);
  if (writable !== true)
    return [place.fail(`This user may not write to ${folder}.`, 'Give this user the folder.'), room];
  const places = typeof names === 'string' ? [] : names.filter((name) => /^\d+$/.test(name));
  if (places.length === 0) return [place.ok(`${folder} is for this user to write, and holds no spool yet.`), room];
  return [...(await Promise.all(places.map((name) => checkSpool(settings, name)))), room];
}

/** What is asked of the folder, or of its nearest parent that exists where it is yet to be made; else why there is no answer, as a code. */
async function askNearest<T>(folder: string, ask: (folder: string) => Promise<T>): Promise<T | string> {
  const answer = await ask(folder).catch(shownCodeOf);
  return answer === 'ENOENT' && dirname(folder) !== folder ? askNearest(dirname(folder), ask) : answer;
}

const isWritable = (folder: string): Promise<true> => access(folder, constants.W_OK).then(() => true);

async function checkSpool({ config }: Settings, name: string): Promise<Finding> {
  const folder = join(config.spool.folder, name);
  const one = findingsOf(`spool ${name}`);
  try {
    const spool = await openSpool({ config: { ...config.spool, folder } });
    const { depth, oldestAt, quarantined = 0 } = spool.state();
    await spool.close();
    if (quarantined > 0) {
      return one.warn(`${quarantined} entries in ${folder} could not be read back.`, 'Check the disk; see the log.');
    }
    if (depth === 0) return one.ok('Empty, and no worker has it.');
    const since = oldestAt === undefined ? '' : `, the oldest of ${new Date(oldestAt).toISOString()}`;
    return one.warn(
      `${depth} entries wait for MongoDB${since}, and no worker has it.`,
      'Run `barrage worker` on this machine: it takes the spool over and empties it.',
    );
  } catch (error) {
    if (!(error instanceof BarrageError)) throw error;
    // In use is how it should be.
    if (error.code === 'SPOOL_LOCKED') return one.ok(error.message);
    return one.fail(error.message, ERRORS[error.code].help);
  }
}

async function checkDisk({ config }: Settings): Promise<Finding> {
  const { folder, quotaBytes } = config.spool;
  const stats = await askNearest(folder, (at) => statfs(at));
  if (typeof stats === 'string') return disk.fail(`The disk of ${folder} cannot be asked (${stats}).`, OTHER_DISK);
  const free = stats.bavail * stats.bsize;
  const message = `${(free / GiB).toFixed(1)} GiB are free on the disk of ${folder}`;
  if (free < SCARCE_BYTES) return disk.fail(`${message}.`, OTHER_DISK);
  const most = quotaBytes * MOST_FILE_TO_QUOTA;
  if (free >= most) return disk.ok(`${message}.`);
  return disk.warn(
    `${message}, less than a spool may grow to (${(most / GiB).toFixed(0)} GiB).`,
    'Free some, or lower spool.quotaBytes: a spool that meets its quota sheds the cheaper kinds, a full disk stops it.',
  );
}
