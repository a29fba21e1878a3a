import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';
import { ConnectionEnd } from '../model/connection.js';
import { EVENT_KINDS, type EventKind } from '../model/event-kind.js';

/** Why a dead letter was written: the message could not be read, or MongoDB refused its document. */
export type DeadLetterCause = 'undecodable' | 'refused';

/**
 * Everything barrage measures of itself; the names are a contract, told in `docs/metrics.md`. Counters whose labels are known start at 0, since
 * a rate misses the first event of a series that begins with it.
 */
export class Metrics {
  readonly registry = new Registry();

  readonly connections = this.#gauge('barrage_connections', 'Rooms of this worker by state.', ['platform', 'state']);
  readonly survival = this.#gauge(
    'barrage_survival_ratio',
    'Share of the rooms placed on this worker that are connected, 0 to 1; 1 where there are none.',
    [],
  );
  readonly lagSeconds = new Histogram({
    name: 'barrage_lag_seconds',
    help: 'From the frame leaving the socket to the acknowledgement by MongoDB.',
    buckets: [0.01, 0.025, 0.05, 0.1, 0.2, 0.4, 0.8, 1.6, 3.2, 10, 60, 600, 3600],
    registers: [this.registry],
  });
  readonly spoolDepth = this.#gauge('barrage_spool_depth', 'Entries that MongoDB has not acknowledged.', []);
  readonly spoolBytes = this.#gauge('barrage_spool_bytes', 'Their size in bytes.', []);
  readonly spoolQuotaBytes = this.#gauge('barrage_spool_quota_bytes', 'The size at which the spool refuses more.', []);
  readonly spoolAgeSeconds = this.#gauge('barrage_spool_age_seconds', 'Age of the oldest of them.', []);
  readonly spoolLevel = this.#gauge('barrage_spool_level', '1 for the level the spool is at, 0 for the others.', [
    'level',
  ]);
  readonly spoolQuarantined = this.#gauge(
    'barrage_spool_quarantined',
    'Entries set aside because the disk did not give them back.',
    [],
  );

  readonly #decodeSeconds = new Histogram({
    name: 'barrage_decode_seconds',
    help: 'From the bytes of a frame to its events.',
    labelNames: ['platform'],
    buckets: [0.00005, 0.0001, 0.0002, 0.0005, 0.001, 0.002, 0.005, 0.02, 0.1],
    registers: [this.registry],
  });
  readonly #accepted = this.#counter('barrage_events_accepted_total', 'Events durable in the spool.', [
    'platform',
    'kind',
  ]);
  readonly #shed = this.#counter('barrage_events_shed_total', 'Events dropped because the spool was full.', [
    'platform',
    'kind',
  ]);
  readonly #filtered = this.#counter('barrage_events_filtered_total', 'Events of a kind that a room leaves out.', [
    'platform',
    'kind',
  ]);
  readonly #undecodable = this.#counter('barrage_undecodable_total', 'Messages that could not be read.', ['platform']);
  readonly #deadLetters = this.#counter('barrage_dead_letters_total', 'Dead letters written to MongoDB.', ['cause']);
  readonly #ended = this.#counter('barrage_connections_ended_total', 'Connections that ended, by why.', [
    'platform',
    'reason',
  ]);
  readonly #attempts = this.#counter('barrage_connect_attempts_total', 'Attempts to connect, by outcome.', [
    'platform',
    'outcome',
  ]);
  readonly #circuitOpened = this.#counter(
    'barrage_circuit_opened_total',
    'Times a room was suspended after ten failed attempts.',
    ['platform'],
  );
  readonly #stored = this.#counter('barrage_events_stored_total', 'Events acknowledged by MongoDB.', ['outcome']);
  readonly #storeFailures = this.#counter(
    'barrage_store_failures_total',
    'Writes that MongoDB did not acknowledge.',
    [],
  );

  /** @param platforms whose series begin at 0 */
  constructor(platforms: readonly string[] = []) {
    for (const platform of platforms) this.#beginAtZero(platform);
    for (const cause of ['undecodable', 'refused'] satisfies DeadLetterCause[]) this.deadLetters(cause, 0);
    this.stored({ inserted: 0, duplicates: 0 });
  }

  /** Adds what prom-client tells of the process itself. Once a process: it watches the garbage collector from then on. */
  watchProcess(): void {
    collectDefaultMetrics({ register: this.registry });
  }

  decoded(platform: string, ms: number): void {
    this.#decodeSeconds.observe({ platform }, ms / 1000);
  }

  accepted(platform: string, kinds: readonly EventKind[]): void {
    for (const kind of kinds) this.#accepted.inc({ platform, kind });
  }

  shed(platform: string, kinds: readonly EventKind[]): void {
    for (const kind of kinds) this.#shed.inc({ platform, kind });
  }

  filtered(platform: string, kinds: readonly EventKind[]): void {
    for (const kind of kinds) this.#filtered.inc({ platform, kind });
  }

  undecodable(platform: string, count: number): void {
    if (count > 0) this.#undecodable.inc({ platform }, count);
  }

  deadLetters(cause: DeadLetterCause, count: number): void {
    this.#deadLetters.inc({ cause }, count);
  }

  ended(platform: string, reason: ConnectionEnd): void {
    this.#ended.inc({ platform, reason });
  }

  /** @param outcome `connected`, or the code of the failure */
  attempted(platform: string, outcome: string): void {
    this.#attempts.inc({ platform, outcome });
  }

  circuitOpened(platform: string): void {
    this.#circuitOpened.inc({ platform });
  }

  stored({ inserted, duplicates }: { inserted: number; duplicates: number }): void {
    this.#stored.inc({ outcome: 'inserted' }, inserted);
    this.#stored.inc({ outcome: 'duplicate' }, duplicates);
  }

  storeFailed(): void {
    this.#storeFailures.inc();
  }

  #beginAtZero(platform: string): void {
    this.#undecodable.inc({ platform }, 0);
    this.#circuitOpened.inc({ platform }, 0);
    this.#attempts.inc({ platform, outcome: 'connected' }, 0);
    this.#decodeSeconds.zero({ platform });
    for (const reason of ConnectionEnd.options) this.#ended.inc({ platform, reason }, 0);
    for (const counter of [this.#accepted, this.#shed, this.#filtered]) {
      for (const kind of EVENT_KINDS) counter.inc({ platform, kind }, 0);
    }
  }

  #counter<L extends string>(name: string, help: string, labelNames: readonly L[]): Counter<L> {
    return new Counter({ name, help, labelNames, registers: [this.registry] });
  }

  #gauge<L extends string>(name: string, help: string, labelNames: readonly L[]): Gauge<L> {
    return new Gauge({ name, help, labelNames, registers: [this.registry] });
  }
}
