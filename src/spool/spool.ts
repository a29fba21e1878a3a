import type { BatchTotals } from '../model/batch.js';
import type { ConnectionRecord } from '../model/connection.js';
import type { AudiencePoint, SpoolEntry, SpoolRange } from '../model/records.js';

/** How far one running `streamRoom` got, as of its last durable append. What a crashed process leaves of it lets the next one close its record and fail its activity. */
export interface StreamProgress {
  /** With counts and `coveredUntil`, without `endedAt`. */
  connection: ConnectionRecord;
  /** Base64 of the activity's task token. */
  taskToken: string;
  /** The audience window that is not yet an entry. */
  audience?: AudiencePoint;
}

/** `ok`; `tight`: sockets should wait; `full`: the cheaper kinds are shed (`SHED_FROM`); `failed`: the disk refuses writes. */
export type SpoolLevel = 'ok' | 'tight' | 'full' | 'failed';

export interface SpoolState {
  level: SpoolLevel;
  /** Entries that MongoDB has not acknowledged. */
  depth: number;
  bytes: number;
  quotaBytes: number;
  /** Milliseconds since the epoch at which the oldest of them was appended. */
  oldestAt?: number;
  nextSeq: number;
  ackedSeq: number;
  /** Entries that could not be read back from the disk, since the folder was made: set aside in it, and told of in the log. */
  quarantined?: number;
}

/** Appends that one stream may have under way, where it waits for the first of them before it goes on: so many never wait for others. */
export const APPENDS_UNDER_WAY = 64;

/** How much one `read` takes. */
export interface ReadBounds {
  maxEntries: number;
  maxBytes: number;
  /** How long it waits for more than there is, in milliseconds. */
  lingerMs: number;
  /**
   * The same while there is neither an event nor the end of a connection among it, by which the room's next connection finds out what came before.
   * Default: `lingerMs`.
   */
  recordsLingerMs?: number;
}

/** The durable buffer of one worker: one LMDB environment, one ever-growing sequence number from 1. */
export interface Spool {
  /** Made once with the folder, and kept in it: whoever opens the folder is that worker. */
  readonly workerId: string;
  /**
   * Resolves once the entries, and the progress with them, are on the disk: only then are they accepted. All or nothing; in call order.
   * Where nothing is among them but audience points, or nothing at all, that may take a second: they wait for others, or for `flush`.
   * Rejects with `SPOOL_FULL` (quota or disk) or `SPOOL_FAILED`; nothing of the call is kept then.
   */
  append(entries: readonly SpoolEntry[], progress?: StreamProgress): Promise<{ from: number; to: number }>;
  /** As `append`, and forgets the connection's progress in the same transaction. Records are taken even when the spool is full. */
  finish(connectionId: string, entries: readonly SpoolEntry[]): Promise<void>;
  /** Resolves when every append that was asked for before has resolved or rejected; none of them waits for others any more. */
  flush(): Promise<void>;
  /** The streams that were running when the folder was last used and were not finished. */
  unfinished(): StreamProgress[];
  state(): SpoolState;
  /**
   * The next entries after `after`, as many as are durable, within the bounds. Waits while there are none; then lingers so that more come
   * together. Undefined when `signal` aborted first.
   */
  read(after: number, bounds: ReadBounds, signal: AbortSignal): Promise<SpoolRange | undefined>;
  /**
   * Drops everything up to `to`, and adds to the totals of its batch what was written, in the same transaction. Need not be flushed: a lost one is a repeated write.
   * @param write the batch, as if it had written nothing else
   */
  acknowledge(to: number, write: BatchTotals): Promise<void>;
  /** What was acknowledged of it, until `forgetBatch`. */
  batch(batchId: string): BatchTotals | undefined;
  /** The batch that the last acknowledged entry belongs to, until `forgetBatch`. */
  openBatch(): BatchTotals | undefined;
  forgetBatch(batchId: string): Promise<void>;
  /** Flushes and releases the folder. */
  close(): Promise<void>;
}
