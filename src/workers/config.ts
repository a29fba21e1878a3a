import { z } from 'zod';
import { DiscoverySettings } from '../model/discovery.js';
import { PlatformsConfig } from '../platforms/index.js';
import { SpoolConfig } from '../spool/config.js';
import { StoreConfig } from '../store/config.js';

const MiB = 1024 * 1024;
const port = z.int().min(0).max(65_535);

/** How one worker process behaves. */
export const WorkerConfig = z.strictObject({
  connections: z
    .int()
    .min(1)
    .max(10_000)
    .default(150)
    .describe('Rooms this worker holds at once. Bilibili closes what an address opens beyond about 150.'),
  connectsPerSecond: z
    .number()
    .min(0.1)
    .max(1_000)
    .default(5)
    .describe('Connections the whole fleet opens a second; the server keeps to it.'),
  lingerMs: z.int().min(0).max(1_000).default(20).describe('How long a write waits for more events, in ms.'),
  recordsLingerMs: z
    .int()
    .min(0)
    .max(10_000)
    .default(250)
    .describe('How long records wait for more of them where no event and no end of a connection is among them, in ms.'),
  maxEntriesPerWrite: z.int().min(1).max(50_000).default(2_000).describe('Entries in one write to MongoDB.'),
  maxBytesPerWrite: z
    .int()
    .min(64 * 1024)
    .max(64 * MiB)
    .default(4 * MiB)
    .describe('Bytes in one write to MongoDB.'),
  statusEveryMs: z
    .int()
    .min(1_000)
    .max(3_600_000)
    .default(60_000)
    .describe('How often the platform is asked which rooms are live, many rooms in one request, in ms.'),
  progressEveryMs: z
    .int()
    .min(1_000)
    .max(86_400_000)
    .default(300_000)
    .describe(
      'How soon a stream tells its counts to its actor, in ms; each time is four events of a history, so the next one takes twice as long, up to six times.',
    ),
  shutdownTimeoutMs: z
    .int()
    .min(1_000)
    .max(600_000)
    .default(20_000)
    .describe('How long a clean stop may take to store what was accepted, in ms: the rest stays in the spool.'),
  ackLog: z
    .string()
    .min(1)
    .optional()
    .describe('For measurements: a file that gets a line of JSON, {from, to, ackedAt}, for each write.'),
});
export type WorkerConfig = z.output<typeof WorkerConfig>;

/** Where a worker shows how it is. */
export const MonitorConfig = z.strictObject({
  host: z.string().min(1).max(255).default('127.0.0.1').describe('Address that /metrics and /healthz listen on.'),
  port: port.default(9464).describe('Port of /metrics and /healthz; 0 takes a free one.'),
});

/** The Schedule that a worker makes where there is none. */
const ScheduleConfig = z.strictObject({
  enabled: z.boolean().default(true).describe('Whether a worker makes the Schedule of discovery where there is none.'),
  everyMs: z.int().min(1_000).max(86_400_000).default(60_000).describe('Between two sweeps, in ms.'),
  ...DiscoverySettings.shape,
});

/** Where Temporal is; what is absent comes from Temporal's own environment variables and profile file. */
const TemporalConfig = z.strictObject({
  address: z.string().min(1).max(300).optional().describe('host:port of the frontend.'),
  namespace: z.string().min(1).max(200).optional().describe('Temporal namespace; "default" where nobody names one.'),
});

/** Every setting of barrage. */
export const BarrageConfig = z.strictObject({
  temporal: TemporalConfig.prefault({}),
  store: StoreConfig.prefault({}),
  spool: SpoolConfig,
  worker: WorkerConfig.prefault({}),
  monitor: MonitorConfig.prefault({}),
  discovery: ScheduleConfig.prefault({}),
  platforms: PlatformsConfig.prefault({}),
  log: z
    .strictObject({
      level: z
        .enum(['debug', 'info', 'warn', 'error'])
        .default('info')
        .describe('The least grave lines that are written.'),
    })
    .prefault({}),
});
export type BarrageConfig = z.output<typeof BarrageConfig>;
