import { join } from 'node:path';
import type { z } from 'zod';
import type { BarrageConfig } from '../../workers/config.js';
import type { DemoOptions } from './options.js';

export interface DemoPlaces {
  /** Temporary folder of the whole demo. */
  folder: string;
  temporalAddress: string;
  mongoUri: string;
  simulatorUrl: string;
}

/** The database of a demo, on its own server. */
export const DEMO_DATABASE = 'barrage';

/** Where the demo's worker writes down when each range was acknowledged. */
export const ackLogOf = (folder: string): string => join(folder, 'acks.jsonl');

const SWEEP_EVERY_MS = 5_000;
/** A page of the list has twenty rooms or more. */
const ROOMS_A_PAGE = 20;
/** Free places beyond the rooms, so that one that is still closing holds up none that begins. */
const SPARE_CONNECTIONS = 10;

/**
 * The configuration file of a demo's worker. Against a simulator on this machine the politeness that a real platform is owed would only make
 * everything slower, and a fault should be over while somebody still watches: so budgets are lifted, and waits and deadlines are short.
 */
export function workerSettings(options: DemoOptions, places: DemoPlaces): z.input<typeof BarrageConfig> {
  const { simulatorUrl } = places;
  return {
    temporal: { address: places.temporalAddress, namespace: 'default' },
    store: { uri: places.mongoUri, database: DEMO_DATABASE },
    spool: { folder: join(places.folder, 'spool') },
    worker: {
      connections: options.rooms + SPARE_CONNECTIONS,
      connectsPerSecond: 1_000,
      progressEveryMs: 10_000,
      statusEveryMs: 10_000,
      shutdownTimeoutMs: 8_000,
      ackLog: ackLogOf(places.folder),
    },
    monitor: { port: 0 },
    discovery: {
      everyMs: SWEEP_EVERY_MS,
      rooms: options.rooms,
      maxPages: Math.ceil(options.rooms / ROOMS_A_PAGE) + 2,
    },
    platforms: {
      bilibili: {
        apiUrl: simulatorUrl,
        liveApiUrl: simulatorUrl,
        wwwUrl: simulatorUrl,
        transport: 'ws',
        requestsPerSecond: 1_000,
        requestBurst: 1_000,
        heartbeatMs: 5_000,
        readDeadlineMs: 12_000,
        riskControlWaitMs: 1_000,
        blockedWaitMs: 1_000,
      },
    },
    log: { level: 'warn' },
  };
}
