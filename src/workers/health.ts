import type { Metrics } from '../activities/metrics.js';
import type { StreamRegistry } from '../activities/stream-registry.js';
import { PLATFORM_IDS } from '../platforms/addresses.js';
import type { Spool, SpoolLevel } from '../spool/spool.js';

/** Entries older than this, in milliseconds, mean that MongoDB is not taking them. */
const STALE_AFTER_MS = 60_000;

const LEVELS = ['ok', 'tight', 'full', 'failed'] as const satisfies readonly SpoolLevel[];
const STATES = ['connecting', 'streaming', 'closing'] as const;

export interface HealthParts {
  spool: Pick<Spool, 'state'>;
  registry: StreamRegistry;
  metrics: Metrics;
  now: () => number;
}

/** What is wrong with a worker, in words; nothing when all is well. */
export function complaintsOf({ spool, now }: HealthParts): string[] {
  const { level, oldestAt, depth } = spool.state();
  const complaints: string[] = [];
  if (level !== 'ok') complaints.push(`The spool is ${level}.`);
  const ageMs = oldestAt === undefined ? 0 : now() - oldestAt;
  if (ageMs > STALE_AFTER_MS) {
    complaints.push(`MongoDB has not taken the ${depth} entries of the spool for ${Math.round(ageMs / 1000)} s.`);
  }
  return complaints;
}

/** Brings the gauges up to date. */
export function refreshGauges({ spool, registry, metrics, now }: HealthParts): void {
  const { depth, bytes, quotaBytes, oldestAt, level, quarantined = 0 } = spool.state();
  metrics.spoolDepth.set(depth);
  metrics.spoolBytes.set(bytes);
  metrics.spoolQuotaBytes.set(quotaBytes);
  metrics.spoolQuarantined.set(quarantined);
  for (const one of LEVELS) metrics.spoolLevel.set({ level: one }, one === level ? 1 : 0);
  metrics.spoolAgeSeconds.set(oldestAt === undefined ? 0 : Math.max(0, now() - oldestAt) / 1000);
  refreshConnections(metrics, registry.states());
}

function refreshConnections(metrics: Metrics, rooms: ReturnType<StreamRegistry['states']>): void {
  metrics.connections.reset();
  for (const platform of PLATFORM_IDS) for (const state of STATES) metrics.connections.set({ platform, state }, 0);
  for (const { platform, state } of rooms) metrics.connections.inc({ platform, state });
  const connected = rooms.filter(({ state }) => state === 'streaming').length;
  const connecting = rooms.filter(({ state }) => state === 'connecting').length;
  metrics.survival.set(connected + connecting === 0 ? 1 : connected / (connected + connecting));
}
