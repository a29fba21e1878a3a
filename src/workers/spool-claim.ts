import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { BarrageError } from '../model/errors.js';
import type { Logger } from '../model/log.js';
import type { SpoolConfig } from '../spool/config.js';
import { openSpool } from '../spool/open-spool.js';
import type { Spool } from '../spool/spool.js';

/** Spools side by side in one folder: as many workers as one machine may run. */
const MOST_SPOOLS = 64;

/**
 * Opens the first spool in the folder that no living worker has: one that a dead worker left is emptied before a new one is begun, and several
 * workers on one machine need no setting.
 */
export async function claimSpool(config: SpoolConfig, log: Logger): Promise<{ spool: Spool; folder: string }> {
  await mkdir(config.folder, { recursive: true, mode: 0o700 });
  for (let place = 0; place < MOST_SPOOLS; place += 1) {
    const folder = join(config.folder, String(place));
    try {
      return { spool: await openSpool({ config: { ...config, folder }, log }), folder };
    } catch (error) {
      if (!(error instanceof BarrageError && error.code === 'SPOOL_LOCKED')) throw error;
    }
  }
  const { folder } = config;
  throw new BarrageError('SPOOL_LOCKED', `All ${MOST_SPOOLS} spools in ${folder} are in use.`, { folder });
}
