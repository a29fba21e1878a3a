import type { Metrics } from '../activities/metrics.js';
import type { StreamRegistry } from '../activities/stream-registry.js';
import type { Spool } from '../spool/spool.js';

/** Entries older than this, in milliseconds, mean that MongoDB is not taking them. */
const STALE_AFTER_MS = 60_000;

export interface HealthParts {
  spool: Spool;
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
  const { depth, bytes, oldestAt } = spool.state();
  metrics.spoolDepth.set(depth);
  metrics.spoolBytes.set(bytes);
  metrics.spoolAgeSeconds.set(oldestAt === undefined ? 0 : Math.max(0, now() - oldestAt) / 1000);
  metrics.connections.reset();
  for (const { platform, state } of registry.states()) metrics.connections.inc({ platform, state });
}
