import { CancelledFailure, Context } from '@temporalio/activity';
import type { Client } from '@temporalio/client';
import type { ConnectionEnd, PreviousConnection } from '../model/connection.js';
import { BarrageError } from '../model/errors.js';
import { roomKey } from '../model/room.js';
import type { StreamReport, StreamRequest } from '../model/stream.js';
import type { Platform } from '../platforms/platform.js';
import { abortable } from '../model/abortable.js';
import { connectingHeartbeat, HEARTBEAT_EVERY_MS } from './connecting-heartbeat.js';
import { connectionIdOf } from './connection-id.js';
import { lastConnectionOf } from './connection-records.js';
import { type KnownConnections, knownConnections } from './known-connections.js';
import { Notifier } from './notifier.js';
import { RoomStream, type RoomStreamDeps } from './room-stream.js';
import { earlierOf } from './earlier-connections.js';
import { failuresInARow } from './failures-in-a-row.js';
import { attend } from './stream-attendant.js';
import type { StreamRegistry, StreamSlot } from './stream-registry.js';

export interface StreamDeps extends RoomStreamDeps {
  platform: Platform;
  registry: StreamRegistry;
  client: Client;
  /** Subscribes to what the platform says of the room beside the socket; gives back the end of it. */
  watchStatus: (stream: RoomStream) => () => void;
  /** How soon a running stream tells its actor its counts, in milliseconds; then ever more seldom. */
  progressEveryMs: number;
  /** Keeps the task token until the attempt is over, so that the next process can fail it at once if this one dies. */
  running: (taskToken: string) => () => void;
  /**
   * Where each room's last connection ended, of those that this worker had, also in an earlier life. Heartbeats tell it to whichever worker is next, but
   * where Temporal is busy, as when hundreds of rooms lose their connections at once, the last one may not arrive.
   */
  lastConnections: Map<string, PreviousConnection>;
}

export interface StreamActivities {
  /**
   * One connection of one room. Returns its record when a healthy one ends; throws a `BarrageError` when none could be had, so that the
   * retry policy connects again.
   */
  streamRoom(request: StreamRequest): Promise<StreamReport>;
}

export const createStreamActivities = (deps: StreamDeps): StreamActivities => ({
  async streamRoom(request) {
    const { info } = Context.current();
    const { workflowId = '', runId = '' } = info.workflowExecution ?? {};
    const notifier = new Notifier(deps.client, { workflowId, runId }, deps.log);
    const over = deps.running(info.base64TaskToken);
    try {
      const stream = await streamFor(deps, request, notifier);
      if (!(stream instanceof RoomStream)) return { ...stream, ...earlierOf(info) };
      return outcome(await attend(deps, stream, notifier), stream, notifier);
    } finally {
      over();
      notifier.stop();
    }
  },
});

/** A stream of the room, whoever began it; a report where it was told to stop before there was one. */
async function streamFor(
  deps: StreamDeps,
  request: StreamRequest,
  notifier: Notifier,
): Promise<RoomStream | StreamReport> {
  const telling = tellWhileConnecting(deps, request, notifier);
  try {
    const found = await streamOrPlace(deps, request);
    return found instanceof RoomStream ? found : await connected(deps, request, notifier, found);
  } finally {
    telling();
  }
}

/** The stream of an earlier attempt that still runs on this worker; else the room's place, which is then this attempt's. */
async function streamOrPlace({ registry }: StreamDeps, request: StreamRequest): Promise<RoomStream | StreamSlot> {
  const { cancellationSignal } = Context.current();
  for (;;) {
    const slot = registry.get(roomKey(request));
    if (slot === undefined) return registry.claim(roomKey(request)); // at once: another attempt may have waited, too
    const { stream } = slot;
    if (stream !== undefined && !stream.isClosing && stream.request.session.id === request.session.id) return stream;
    registry.hangUp(roomKey(request), 'reconnect'); // an attempt that nobody waits for any more
    await abortable(slot.released, cancellationSignal).catch(() => interrupted());
  }
}

/** Connects, and sets the stream going; a report where it was told to stop meanwhile. */
async function connected(
  deps: StreamDeps,
  request: StreamRequest,
  notifier: Notifier,
  slot: StreamSlot,
): Promise<RoomStream | StreamReport> {
  const { info, cancellationSignal } = Context.current();
  const signal = AbortSignal.any([cancellationSignal, slot.connecting.signal]);
  try {
    assertDiskWorks(deps);
    const { roomId, ownerId } = request;
    const connection = await deps.platform.connect(
      { roomId, attempt: info.attempt, ...(ownerId !== undefined && { ownerId }) },
      signal,
    );
    deps.metrics.attempted(request.platform, 'connected');
    const stream = new RoomStream(deps, {
      request,
      connection,
      connectionId: connectionIdOf(deps.spool.workerId, connection.connectedAt),
      attempt: info.attempt,
      taskToken: info.base64TaskToken,
      known: knownTo(deps, request),
    });
    keep(deps, slot, stream);
    return stream;
  } catch (error) {
    slot.release();
    if (signal.aborted) return slot.reason === undefined ? interrupted() : stoppedEarly(slot.reason);
    deps.metrics.attempted(request.platform, error instanceof BarrageError ? error.code : 'UNEXPECTED');
    tellOfFailure(deps, notifier, error);
    throw error;
  }
}

/** The platform is not troubled for a connection that could not be written down. */
function assertDiskWorks({ spool }: StreamDeps): void {
  if (spool.state().level !== 'failed') return;
  throw new BarrageError('SPOOL_FAILED', 'The disk of the spool refuses writes, so no connection is made.');
}

/** The slot is held, and the platform watched, for as long as the stream lives: longer than this activity, where another one adopts it. */
function keep(deps: StreamDeps, slot: StreamSlot, stream: RoomStream): void {
  slot.stream = stream;
  const unwatch = deps.watchStatus(stream);
  const over = (): void => {
    unwatch();
    if (stream.durable !== undefined) deps.lastConnections.set(stream.room, lastConnectionOf(stream.durable));
    slot.release();
  };
  stream.done.then(over, over);
  if (slot.reason !== undefined) stream.stop(slot.reason);
}

/** The connection before this one: of the last attempt, of this worker, or as the actor knows it. */
const knownTo = (deps: StreamDeps, request: StreamRequest): KnownConnections =>
  knownConnections(Context.current().info.heartbeatDetails, [
    deps.lastConnections.get(roomKey(request)),
    request.previous,
  ]);

/** The first failures are the ordinary case, and soon over; from then on the actor shows why. */
const TELL_FROM_FAILURE = 3;

function tellOfFailure({ spool }: StreamDeps, notifier: Notifier, error: unknown): void {
  const failures = failuresInARow(Context.current().info) + 1;
  if (failures < TELL_FROM_FAILURE || !(error instanceof BarrageError)) return;
  const lastError = `Failure ${failures} in a row: ${error.message}`.slice(0, 500);
  notifier.tell({ state: 'connecting', workerId: spool.workerId, lastError });
}

/** Each word is a task of the actor's: where hundreds of rooms connect at once, all of them wait longer than a moment. */
const TELL_AFTER_MS = 5_000;

/** Most connections are made before anybody needs to know; a slow one says where it is tried, so that a cancel finds it. */
function tellWhileConnecting(deps: StreamDeps, request: StreamRequest, notifier: Notifier): () => void {
  const { info, heartbeat } = Context.current();
  const { workerId } = deps.spool;
  const observing = setTimeout(() => notifier.tell({ state: 'connecting', workerId }), TELL_AFTER_MS);
  const beating = setInterval(() => {
    heartbeat(connectingHeartbeat(workerId, info, knownTo(deps, request)));
  }, HEARTBEAT_EVERY_MS);
  return () => {
    clearTimeout(observing);
    clearInterval(beating);
  };
}

const stoppedEarly = (end: ConnectionEnd): StreamReport => ({
  end,
  detail: 'It was told to stop before it was connected.',
});

function interrupted(): never {
  if (Context.current().cancellationDetails?.workerShutdown === true) throw shutdown();
  throw new CancelledFailure('The attempt to connect was cancelled.');
}

const shutdown = (): BarrageError =>
  new BarrageError('WORKER_SHUTDOWN', 'The worker that held the connection is shutting down.');

/** Ends after which the activity itself is not done: Temporal places it anew, or has taken it back. */
function outcome(report: StreamReport, stream: RoomStream, notifier: Notifier): StreamReport {
  const { end, detail, connection } = report;
  const failing: Partial<Record<ConnectionEnd, () => Error>> = {
    'worker-shutdown': shutdown,
    terminated: () => new CancelledFailure('Temporal has taken the room back.'),
  };
  const failure = failing[end];
  if (failure !== undefined) throw failure();
  const { cancellationDetails } = Context.current();
  if (cancellationDetails?.paused === true || cancellationDetails?.reset === true) {
    const state = cancellationDetails.paused ? 'paused' : 'connecting';
    notifier.tell({ state, workerId: stream.record.workerId, lastError: 'An operator paused or reset the activity.' });
    throw new CancelledFailure('The activity was paused or reset.');
  }
  if (stream.isStillborn) {
    const livedMs = (connection?.endedAt ?? 0) - stream.record.connectedAt;
    throw new BarrageError('CONNECT_FAILED', `The connection was lost within ${livedMs} ms: ${detail}.`, {
      room: stream.room,
    });
  }
  return { ...report, ...earlierOf(Context.current().info, connection?.connectionId) };
}
