import { z } from 'zod';
import { BarrageError } from '../model/errors.js';
import type { Logger } from '../model/log.js';
import { BilibiliConfig } from './bilibili/config.js';
import { BilibiliPlatform } from './bilibili/index.js';
import { systemClock, type Clock } from './clock.js';
import type { Platform } from './platform.js';

/** The settings of each platform, by its id. */
export const PlatformsConfig = z.strictObject({
  bilibili: BilibiliConfig.prefault({}),
});
export type PlatformsConfig = z.output<typeof PlatformsConfig>;

export interface PlatformDeps {
  log: Logger;
  /** The system's own where absent. */
  clock?: Clock;
}

/** One for each platform and process: it holds what all rooms share. Throws `UNKNOWN_PLATFORM`, `BAD_CONFIG`. */
export function createPlatform(
  id: string,
  config: PlatformsConfig,
  { log, clock = systemClock }: PlatformDeps,
): Platform {
  switch (id) {
    case 'bilibili':
      return new BilibiliPlatform(config.bilibili, log, clock);
    default:
      throw new BarrageError('UNKNOWN_PLATFORM', `There is no platform ${JSON.stringify(id.slice(0, 40))}.`);
  }
}
