import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { ConnectionEnd } from '../model/connection.js';
import type { EventKind } from '../model/event.js';

/** Everything barrage measures of itself; the names are a contract, told in `docs/metrics.md`. */
export class Metrics {
  readonly registry = new Registry();

  readonly connections = this.#gauge('barrage_connections', 'Rooms of this worker by state.', ['platform', 'state']);
  readonly lagSeconds = new Histogram({
    name: 'barrage_lag_seconds',
    help: 'From the frame leaving the socket to the acknowledgement by MongoDB.',
    buckets: [0.01, 0.025, 0.05, 0.1, 0.2, 0.4, 0.8, 1.6, 3.2, 10, 60, 600, 3600],
    registers: [this.registry],
  });
  readonly decodeSeconds = new Histogram({
    name: 'barrage_decode_seconds',
    help: 'From the bytes of a frame to its events.',
    labelNames: ['platform'],
    buckets: [0.00005, 0.0001, 0.0002, 0.0005, 0.001, 0.002, 0.005, 0.02, 0.1],
    registers: [this.registry],
  });
  readonly spoolDepth = this.#gauge('barrage_spool_depth', 'Entries that MongoDB has not acknowledged.', []);
  readonly spoolBytes = this.#gauge('barrage_spool_bytes', 'Their size in bytes.', []);
  readonly spoolAgeSeconds = this.#gauge('barrage_spool_age_seconds', 'Age of the oldest of them.', []);

  readonly #accepted = this.#counter('barrage_events_accepted_total', 'Events durable in the spool.', [
    'platform',
    'kind',
  ]);
  readonly #shed = this.#counter('barrage_events_shed_total', 'Events dropped because the spool was full.', [
    'platform',
    'kind',
  ]);
  readonly #undecodable = this.#counter('barrage_undecodable_total', 'Messages that could not be read.', ['platform']);
  readonly #ended = this.#counter('barrage_connections_ended_total', 'Connections that ended, by why.', [
    'platform',
    'reason',
  ]);
  readonly #attempts = this.#counter('barrage_connect_attempts_total', 'Attempts to connect, by outcome.', [
    'platform',
    'outcome',
  ]);
  readonly #stored = this.#counter('barrage_events_stored_total', 'Events acknowledged by MongoDB.', ['outcome']);
  readonly #storeFailures = this.#counter(
    'barrage_store_failures_total',
    'Writes that MongoDB did not acknowledge.',
    [],
  );

  accepted(platform: string, kinds: readonly EventKind[]): void {
    for (const kind of kinds) this.#accepted.inc({ platform, kind });
  }

  shed(platform: string, kinds: readonly EventKind[]): void {
    for (const kind of kinds) this.#shed.inc({ platform, kind });
  }

  undecodable(platform: string, count: number): void {
    if (count > 0) this.#undecodable.inc({ platform }, count);
  }

  ended(platform: string, reason: ConnectionEnd): void {
    this.#ended.inc({ platform, reason });
  }

  /** @param outcome `connected`, or the code of the failure */
  attempted(platform: string, outcome: string): void {
    this.#attempts.inc({ platform, outcome });
  }

  stored({ inserted, duplicates }: { inserted: number; duplicates: number }): void {
    this.#stored.inc({ outcome: 'inserted' }, inserted);
    this.#stored.inc({ outcome: 'duplicate' }, duplicates);
  }

  storeFailed(): void {
    this.#storeFailures.inc();
  }

  #counter<L extends string>(name: string, help: string, labelNames: readonly L[]): Counter<L> {
    return new Counter({ name, help, labelNames, registers: [this.registry] });
  }

  #gauge<L extends string>(name: string, help: string, labelNames: readonly L[]): Gauge<L> {
    return new Gauge({ name, help, labelNames, registers: [this.registry] });
  }
}
