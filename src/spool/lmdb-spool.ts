import type { BatchTotals } from '../model/batch.js';
import { BarrageError } from '../model/errors.js';
import type { SpoolEntry, SpoolRange } from '../model/records.js';
import { acknowledgeTo, setAside } from './acknowledgement.js';
import { BatchParts } from './batch-parts.js';
import { encodeEntries } from './block.js';
import { BlockSource, describeBlock, type DamagedBlock } from './block-source.js';
import { collect } from './collect.js';
import { Committer } from './committer.js';
import type { SpoolConfig } from './config.js';
import type { SpoolDatabase } from './database.js';
import { DiskHealth } from './disk-health.js';
import type { Draft } from './draft.js';
import { PressureGauge } from './pressure.js';
import type { Logger } from '../model/log.js';
import type { ReadBounds, Spool, SpoolLevel, SpoolState, StreamProgress } from './spool.js';
import { readRecords } from './stored-records.js';
import { Waiters } from './waiters.js';

/** Callers await their appends, so this many bytes wait only if the disk hangs. */
const MAX_QUEUED_BYTES = 128 * 1024 * 1024;
/** A transaction that takes longer shows the disk as failed. */
const HANGING_MS = 10_000;
const DISK_RETRY_MS = 1_000;
const CLOSE_DEADLINE_MS = 20_000;

interface SpoolParts {
  workerId: string;
  config: SpoolConfig;
  database: SpoolDatabase;
  log: Logger;
  release(): Promise<void>;
}

/** The spool on LMDB: appends and acknowledgements by group commit (`Committer`), reads from memory or the disk (`BlockSource`). */
export class LmdbSpool implements Spool {
  readonly workerId: string;
  private readonly config: SpoolConfig;
  private readonly database: SpoolDatabase;
  private readonly log: Logger;
  private readonly health: DiskHealth;
  private readonly committer: Committer;
  private readonly source: BlockSource;
  private readonly gauge: PressureGauge;
  private readonly changes = new Waiters();
  private readonly streams: Map<string, StreamProgress>;
  private readonly batches: BatchParts;
  private readTo: number;
  /** Of what an earlier process left, all may be urgent. */
  private lastUrgentSeq: number;
  private oldestAt: number | undefined;
  private closing: Promise<void> | undefined;

  constructor(private readonly parts: SpoolParts) {
    const { workerId, config, database, log } = parts;
    this.workerId = workerId;
    this.config = config;
    this.database = database;
    this.log = log;
    this.health = new DiskHealth(
      config.folder,
      database,
      log,
      () => this.committer.start(),
      () => this.committer.counters.bytes,
    );
    this.committer = new Committer(database, this.health, database.readCounters(), (draft) => this.committed(draft));
    this.source = new BlockSource(database);
    this.gauge = new PressureGauge(config);
    const records = readRecords(database, log);
    this.streams = records.unfinished;
    this.batches = new BatchParts(records.batchParts);
    this.readTo = this.committer.counters.ackedSeq;
    this.lastUrgentSeq = this.committer.counters.nextSeq - 1;
    this.findOldest();
  }

  async append(entries: readonly SpoolEntry[], progress?: StreamProgress): Promise<{ from: number; to: number }> {
    this.mustBeOpen();
    if (this.health.failure) throw this.health.failure;
    const encoded = encodeEntries(entries);
    this.mustHaveRoom(encoded.bytes);
    const progressText = JSON.stringify(progress);
    const bytes = encoded.bytes + (progress ? progressText.length : 0);
    const apply = (draft: Draft) => {
      if (progress) draft.setProgress(progress.connection._id, progressText);
      return draft.append(encoded);
    };
    return this.committer.run('append', bytes, apply, entries.every(isPatient));
  }

  async finish(connectionId: string, entries: readonly SpoolEntry[]): Promise<void> {
    this.mustBeOpen();
    const encoded = encodeEntries(entries);
    await this.committer.run('record', encoded.bytes, (draft) => {
      draft.append(encoded);
      draft.setProgress(connectionId, undefined);
    });
    this.streams.delete(connectionId);
  }

  async flush(): Promise<void> {
    this.mustBeOpen();
    // In its turn, behind every append; those who appended hear of a disk that refuses.
    await this.committer.run('record', 0, () => undefined).catch(() => undefined);
  }

  unfinished(): StreamProgress[] {
    return [...this.streams.values()];
  }

  state(): SpoolState {
    const { entries, bytes, nextSeq, ackedSeq, quarantined } = this.committer.counters;
    const { quotaBytes } = this.config;
    const state: SpoolState = {
      level: this.level(),
      depth: entries,
      bytes,
      quotaBytes,
      nextSeq,
      ackedSeq,
      quarantined,
    };
    if (this.oldestAt !== undefined) state.oldestAt = this.oldestAt;
    return state;
  }

  async read(after: number, bounds: ReadBounds, signal: AbortSignal): Promise<SpoolRange | undefined> {
    const { nextSeq } = this.committer.counters;
    if (after >= nextSeq)
      throw refused(`No entry after ${after} can be read: the last one has the number ${nextSeq - 1}`);
    while (!signal.aborted && !this.closing) {
      const from = Math.max(after, this.committer.counters.ackedSeq);
      if (!this.has(from)) {
        await this.changes.wait(signal);
        continue;
      }
      await this.linger(from, bounds, signal);
      if (signal.aborted || this.closing) break;
      const found = this.collect(from, bounds);
      if (found && 'reason' in found) await this.quarantine(found);
      else if (found) {
        this.readTo = Math.max(this.readTo, found.to);
        return found;
      } else await this.changes.wait(signal, DISK_RETRY_MS);
    }
    return undefined;
  }

  async acknowledge(to: number, write: BatchTotals): Promise<void> {
    this.mustBeOpen();
    if (to > this.readTo)
      throw refused(`Entry ${to} cannot be acknowledged: only those up to ${this.readTo} were read`);
    const added = await this.committer.run('upkeep', 0, (draft) => {
      const { ackedSeq } = draft.counters;
      if (to < ackedSeq) throw refused(`Entry ${to} cannot be acknowledged: ${ackedSeq} already is`);
      if (to > ackedSeq) acknowledgeTo(to, draft, this.database, this.source);
      return this.batches.add(write, draft);
    });
    added();
  }

  batch(batchId: string): BatchTotals | undefined {
    return this.batches.totals(batchId);
  }

  openBatch(): BatchTotals | undefined {
    return this.batches.endingAt(this.committer.counters.ackedSeq);
  }

  async forgetBatch(batchId: string): Promise<void> {
    this.mustBeOpen();
    const removed = await this.committer.run('upkeep', 0, (draft) => this.batches.remove(batchId, draft));
    removed();
  }

  close(): Promise<void> {
    return (this.closing ??= this.shutDown());
  }

  private async shutDown(): Promise<void> {
    this.changes.wake();
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_resolve, reject) => {
      const error = new BarrageError('SPOOL_FAILED', `The disk that holds the spool ${this.config.folder} hangs.`);
      timer = setTimeout(() => reject(error), CLOSE_DEADLINE_MS);
    });
    try {
      await Promise.race([this.committer.idle(), late]);
      this.health.stop();
      await Promise.race([this.database.close(), late]);
    } finally {
      clearTimeout(timer);
    }
    await this.parts.release(); // not where the disk hangs: a write may still arrive
  }

  private committed(draft: Draft): void {
    for (const block of draft.blocks) {
      this.source.recent.push(block);
      const last = block.entries.findLastIndex(isUrgent);
      if (last >= 0) this.lastUrgentSeq = block.first + last;
    }
    this.source.recent.dropTo(draft.counters.ackedSeq);
    this.findOldest();
    this.changes.wake();
  }

  private findOldest(): void {
    const { entries, ackedSeq } = this.committer.counters;
    this.oldestAt = entries === 0 ? undefined : this.database.blockAtOrAfter(ackedSeq + 1)?.[3];
  }

  private has(after: number): boolean {
    const { nextSeq, entries } = this.committer.counters;
    return entries > 0 && after + 1 < nextSeq;
  }

  /** Waits for more entries than there are, if one read could take them. */
  private async linger(after: number, bounds: ReadBounds, signal: AbortSignal): Promise<void> {
    const { maxEntries, maxBytes, lingerMs, recordsLingerMs = lingerMs } = bounds;
    const since = performance.now();
    for (;;) {
      const left = since + (this.lastUrgentSeq > after ? lingerMs : recordsLingerMs) - performance.now();
      const isEnough =
        this.committer.counters.nextSeq - 1 - after >= maxEntries ||
        (this.source.recent.bytesAfter(after) ?? Infinity) >= maxBytes;
      if (left <= 0 || isEnough || signal.aborted || this.closing) return;
      await this.changes.wait(signal, Math.ceil(left));
    }
  }

  /** Nothing while the database is being opened again after a failure of the disk. */
  private collect(after: number, bounds: ReadBounds): SpoolRange | DamagedBlock | undefined {
    try {
      return collect(this.source, after, this.committer.counters.nextSeq - 1, bounds);
    } catch (error) {
      if (this.health.failure) return undefined;
      const reason = error instanceof Error ? error.message.slice(0, 120) : 'unknown';
      throw refused(`The spool ${this.config.folder} cannot be read: ${reason}`);
    }
  }

  private async quarantine({ key, value, reason }: DamagedBlock): Promise<void> {
    await this.committer.run('upkeep', 0, (draft) => setAside(key, value, draft));
    this.log.error(
      { folder: this.config.folder, from: key[0], entries: key[1], reason },
      `Entries ${describeBlock(key)} of the spool cannot be read back, and were set aside.`,
    );
  }

  private level(): SpoolLevel {
    if (this.health.failure || this.committer.busyMs > HANGING_MS) return 'failed';
    return this.gauge.level(this.usedBytes());
  }

  private usedBytes(): number {
    return this.committer.counters.bytes + this.committer.queuedBytes;
  }

  private mustHaveRoom(bytes: number): void {
    const { quotaBytes, folder } = this.config;
    if (this.usedBytes() + bytes > quotaBytes)
      throw new BarrageError('SPOOL_FULL', `The spool ${folder} has reached its quota.`, { folder, quotaBytes });
    if (this.committer.queuedBytes + bytes > MAX_QUEUED_BYTES)
      throw new BarrageError('SPOOL_FULL', `The disk that holds the spool ${folder} is too slow.`, { folder });
  }

  private mustBeOpen(): void {
    if (this.closing) throw new BarrageError('SPOOL_FAILED', `The spool ${this.config.folder} was closed.`);
  }
}

/** The numbers of a silent room, which stand still for seconds before they come. */
const isPatient = (entry: SpoolEntry): boolean => entry.type === 'audience';

/** What others wait for; `ReadBounds` says why. */
const isUrgent = (entry: SpoolEntry): boolean =>
  entry.type === 'event' || (entry.type === 'connection' && entry.connection.endedAt !== undefined);

const refused = (why: string) => new BarrageError('SPOOL_FAILED', `${why}.`);
