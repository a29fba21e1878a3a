import { plant } from '../cli/settings.js';

/** Settings by section, as in a configuration file. */
export type SettingsTree = Readonly<Record<string, unknown>>;

export interface WorkerPlaces {
  temporalAddress: string;
  mongoUri: string;
  simulatorUrl: string;
  spoolFolder: string;
  ackLog: string;
}

/** Free places beyond the rooms, so that one worker of two can take them all while others are still closing. */
const SPARE_CONNECTIONS = 20;

/**
 * The configuration of a drill's workers: short waits and deadlines, so that a fault is over within a drill; budgets are lifted. What a drill
 * wants otherwise is laid over it, by dotted key.
 */
export function workerSettings(
  { rooms, settings }: { rooms: number; settings: SettingsTree },
  places: WorkerPlaces,
): Record<string, unknown> {
  const { temporalAddress, mongoUri, simulatorUrl, spoolFolder, ackLog } = places;
  const flat: Record<string, unknown> = {
    'temporal.address': temporalAddress,
    'temporal.namespace': 'default',
    'store.uri': mongoUri,
    'store.database': 'drill',
    'spool.folder': spoolFolder,
    'worker.connections': rooms + SPARE_CONNECTIONS,
    'worker.connectsPerSecond': 1_000,
    'worker.progressEveryMs': 10_000,
    'worker.statusEveryMs': 10_000,
    'worker.shutdownTimeoutMs': 15_000,
    'worker.ackLog': ackLog,
    'monitor.port': 0,
    'discovery.enabled': false,
    'platforms.bilibili.apiUrl': simulatorUrl,
    'platforms.bilibili.liveApiUrl': simulatorUrl,
    'platforms.bilibili.wwwUrl': simulatorUrl,
    'platforms.bilibili.transport': 'ws',
    'platforms.bilibili.requestsPerSecond': 1_000,
    'platforms.bilibili.requestBurst': 1_000,
    'platforms.bilibili.heartbeatMs': 2_000,
    'platforms.bilibili.readDeadlineMs': 5_000,
    'platforms.bilibili.riskControlWaitMs': 1_000,
    'platforms.bilibili.blockedWaitMs': 1_000,
    'log.level': 'info',
    ...settings,
  };
  const tree: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(flat)) plant(tree, key.split('.'), value);
  return tree;
}
