import { AUDIENCE_WINDOW_MS } from '../model/audience.js';
import { type ConnectionEnd, type ConnectionRecord, emptyCounts, isLoss } from '../model/connection.js';
import type { Logger } from '../model/log.js';
import type { AudiencePoint, SpoolEntry } from '../model/records.js';
import { roomKey } from '../model/room.js';
import type { StreamReport, StreamRequest } from '../model/stream.js';
import type { Closed, Connection, Frame, RoomStatus } from '../platforms/platform.js';
import type { Spool, StreamProgress } from '../spool/spool.js';
import { closingEntries, openingEntries } from './connection-records.js';
import type { KnownConnections } from './known-connections.js';
import { type FrameEntries, frameEntries } from './frame-entries.js';
import type { Metrics } from './metrics.js';
import { OfflineWatch } from './offline-watch.js';
import { SpoolWriter } from './spool-writer.js';

/** A silent connection writes down this often, in milliseconds, that it lives. */
const PROGRESS_EVERY_MS = 15_000;
/** A connection that lives for this long, in milliseconds, was healthy. */
const HEALTHY_AFTER_MS = 5_000;

export interface RoomStreamDeps {
  spool: Spool;
  metrics: Metrics;
  log: Logger;
  /** Milliseconds since the epoch. */
  now: () => number;
}

export interface RoomStreamOptions {
  request: StreamRequest;
  connection: Connection;
  connectionId: string;
  attempt: number;
  taskToken: string;
  known: KnownConnections;
}

/** One connection on its way into the spool: from the first record to the last, whoever is watching. */
export class RoomStream {
  readonly request: StreamRequest;
  readonly room: string;
  readonly record: ConnectionRecord;
  /** Of the connections before it. */
  readonly known: KnownConnections;
  /** Settles when the connection has ended and its records are durable. */
  readonly done: Promise<StreamReport>;
  title: string | undefined;
  popularity: number | undefined;
  durableSeq = 0;
  /**
   * The record as far as it is on the disk; undefined until its opening is. Others may be told no more: after a crash the spool says how far it
   * reaches, and of a connection whose opening the spool refused nothing is ever stored.
   */
  durable: ConnectionRecord | undefined;
  /** Settles when the opening is on the disk; rejects where the spool refused it. */
  readonly opened: Promise<void>;
  /** When the last frame left the socket, in milliseconds since the epoch; the first was the answer to the authentication. */
  lastFrameAt: number;
  taskToken: string;

  readonly #deps: RoomStreamDeps;
  readonly #connection: Connection;
  readonly #writer: SpoolWriter;
  readonly #offline: OfflineWatch;
  #end: ConnectionEnd | undefined;
  #audience: AudiencePoint | undefined;
  #progressAt = 0;

  constructor(deps: RoomStreamDeps, options: RoomStreamOptions) {
    const { request, connection } = options;
    this.#deps = deps;
    this.#connection = connection;
    this.request = request;
    this.room = roomKey(request);
    this.taskToken = options.taskToken;
    this.known = options.known;
    this.title = request.session.title;
    this.record = {
      _id: options.connectionId,
      platform: request.platform,
      roomId: request.roomId,
      sessionId: request.session.id,
      workerId: deps.spool.workerId,
      endpoint: connection.endpoint,
      attempt: options.attempt,
      connectedAt: connection.connectedAt,
      coveredUntil: connection.connectedAt,
      counts: emptyCounts(),
    };
    this.lastFrameAt = connection.connectedAt;
    this.#writer = new SpoolWriter(deps, request.platform, this.counts);
    this.#offline = new OfflineWatch(request.offlineGraceMs, deps.now, () => this.stop('offline'));
    this.opened = this.#open();
    this.done = this.#run();
  }

  get counts(): NonNullable<ConnectionRecord['counts']> {
    return (this.record.counts ??= emptyCounts());
  }

  /** Events that are durable. */
  get events(): number {
    return Object.values(this.counts.accepted).reduce((sum, count) => sum + count, 0);
  }

  get isClosing(): boolean {
    return this.#end !== undefined;
  }

  /** Whether it has lived for so long that what comes after it is no longer a failure to connect. */
  get isHealthy(): boolean {
    const { connectedAt, endedAt = this.#deps.now() } = this.record;
    return this.durable !== undefined && endedAt - connectedAt >= HEALTHY_AFTER_MS;
  }

  /** Whether it was lost before it was healthy: to the room that is an attempt that failed. */
  get isStillborn(): boolean {
    const { end } = this.record;
    return end !== undefined && isLoss(end) && !this.isHealthy;
  }

  /** Ends the connection cleanly; the first reason stays. `done` tells when. */
  stop(reason: ConnectionEnd): void {
    if (this.#end !== undefined) return;
    this.#end = reason;
    void this.#connection.close();
  }

  /** What the platform says of the room beside the socket. */
  status({ isLive, title, popularity }: RoomStatus): void {
    this.title = title ?? this.title;
    this.popularity = popularity ?? this.popularity;
    if (isLive) this.#offline.live();
    else this.#offline.ended(this.#deps.now());
  }

  async #open(): Promise<void> {
    const progress = this.#progress();
    await this.#deps.spool.append(openingEntries(this.record, this.request, this.known), progress);
    this.durable = progress.connection;
  }

  async #run(): Promise<StreamReport> {
    try {
      await this.opened;
      for await (const frame of this.#connection.frames()) {
        const full = this.#take(frame);
        if (full !== undefined) await full;
      }
      return await this.#finish(await this.#connection.closed);
    } finally {
      this.#offline.stop();
      await this.#connection.close();
    }
  }

  /** Gives back what to wait for before the next one, where that is needed. */
  #take(frame: Frame): Promise<void> | undefined {
    const { record } = this;
    record.coveredUntil = Math.max(record.connectedAt, frame.coveredUntil);
    this.lastFrameAt = frame.receivedAt;
    const { entries, sheddable, ...left } = frameEntries(frame, {
      record,
      counts: this.counts,
      exclude: this.request.exclude,
      fill: this.#writer.fill(),
    });
    this.#measure(frame, left);
    this.#watch(frame);
    const window = this.#sample(frame);
    if (window !== undefined) entries.push({ type: 'audience', audience: window });
    const due = frame.audienceMessages > 0 || frame.receivedAt - this.#progressAt >= PROGRESS_EVERY_MS;
    if (entries.length === 0 && !due) return undefined;
    this.#progressAt = frame.receivedAt;
    const progress = this.#progress();
    return this.#writer.write(entries, sheddable, progress, (to) => {
      this.durableSeq = to;
      this.durable = progress.connection;
    });
  }

  #measure({ decodeMs, undecodable }: Frame, { shed, filtered }: Pick<FrameEntries, 'shed' | 'filtered'>): void {
    const { metrics } = this.#deps;
    const { platform } = this.record;
    if (decodeMs !== undefined) metrics.decoded(platform, decodeMs);
    metrics.undecodable(platform, undecodable.length);
    metrics.shed(platform, shed);
    metrics.filtered(platform, filtered);
  }

  /** The broadcast's own end and beginning pass here like any other message. */
  #watch(frame: Frame): void {
    for (const { kind, at, room } of frame.events) {
      if (kind === 'live_end') this.#offline.ended(at ?? frame.receivedAt);
      if (kind === 'live_start') this.#offline.live();
      if (kind === 'room_change') this.title = room?.title ?? this.title;
    }
    this.popularity = frame.audience.popularity ?? this.popularity;
  }

  /** Keeps the last value of each number; gives back the window that is over. */
  #sample(frame: Frame): AudiencePoint | undefined {
    if (frame.audienceMessages === 0) return undefined;
    const at = Math.floor(frame.receivedAt / AUDIENCE_WINDOW_MS) * AUDIENCE_WINDOW_MS;
    if (this.#audience?.at === at) {
      this.#audience = { ...this.#audience, values: { ...this.#audience.values, ...frame.audience } };
      return undefined;
    }
    const over = this.#audience;
    const { platform, roomId } = this.record;
    this.#audience = { _id: `${this.room}:${at}`, platform, roomId, at, values: frame.audience };
    return over;
  }

  #progress(): StreamProgress {
    const { record, taskToken } = this;
    const { counts } = this;
    // Made for each frame, so not by structuredClone, which takes many times as long.
    const copy = { ...counts, accepted: { ...counts.accepted }, shed: { ...counts.shed } };
    const connection = { ...record, counts: copy };
    return { connection, taskToken, ...(this.#audience !== undefined && { audience: this.#audience }) };
  }

  async #finish(closed: Closed): Promise<StreamReport> {
    const endedAt = this.#deps.now();
    await this.#writer.settled();
    const { record } = this;
    const asked = this.#end;
    this.#end ??= closed.end === 'closed' ? 'lost' : closed.end;
    record.coveredUntil = Math.max(record.connectedAt, closed.coveredUntil);
    record.endedAt = Math.max(record.coveredUntil, endedAt);
    record.end = this.#end;
    record.endDetail = closed.detail.slice(0, 300);
    const entries: SpoolEntry[] = closingEntries(record, this.request, this.title);
    if (this.#audience !== undefined) entries.unshift({ type: 'audience', audience: this.#audience });
    await this.#deps.spool.finish(record._id, entries);
    this.durable = this.#progress().connection;
    this.#deps.metrics.ended(record.platform, this.#end);
    this.#deps.log[asked === undefined ? 'warn' : 'info'](
      { room: this.room, connectionId: record._id, end: this.#end, detail: closed.detail, events: this.events },
      'connection ended',
    );
    return this.#report(record.coveredUntil, record.endedAt);
  }

  #report(coveredUntil: number, endedAt: number): StreamReport {
    const { _id, workerId, endpoint, connectedAt, end, endDetail } = this.record;
    const { endedSince } = this.#offline;
    return {
      end: end ?? 'lost',
      detail: `${endpoint}: ${endDetail ?? ''}`,
      connection: { connectionId: _id, workerId, endpoint, connectedAt, coveredUntil, endedAt, counts: this.counts },
      ...(end === 'offline' && endedSince !== undefined && { liveEndedAt: endedSince }),
    };
  }
}
