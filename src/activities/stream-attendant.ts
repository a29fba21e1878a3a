import { CancelledFailure, Context } from '@temporalio/activity';
import type { ConnectionEnd } from '../model/connection.js';
import type { StreamHeartbeat, StreamReport } from '../model/stream.js';
import { connectingHeartbeat, HEARTBEAT_EVERY_MS } from './connecting-heartbeat.js';
import { earlierOf } from './earlier-connections.js';
import { failuresInARow } from './failures-in-a-row.js';
import type { Notifier } from './notifier.js';
import { untilUnwanted } from './orphan-watch.js';
import type { RoomStream } from './room-stream.js';
import type { StreamDeps } from './stream-room.js';

const HEARTBEAT_WITHIN_MS = 5_000;

/** Each report is four events of its actor's history, so the time to the next one doubles, up to this many times the first. */
const MOST_SELDOM = 6;

const attendants = new WeakMap<RoomStream, () => void>();

/**
 * Stands by a stream on behalf of one activity attempt: heartbeats for it, tells its actor, and passes on a cancel. Where another attempt takes
 * the stream over, this one ends at once; where the server gave this attempt up, too, so that there is a place for another one to take it over.
 */
export async function attend(deps: StreamDeps, stream: RoomStream, notifier: Notifier): Promise<StreamReport> {
  const context = Context.current();
  attendants.get(stream)?.();
  stream.taskToken = context.info.base64TaskToken;
  const ended = new AbortController();
  let leave: (why: CancelledFailure) => void = () => undefined;
  const left = new Promise<never>((_, reject) => (leave = reject));
  const replace = (): void => leave(new CancelledFailure('Another attempt has taken the connection over.'));
  attendants.set(stream, replace);
  const beat = (): void => context.heartbeat(heartbeatOf(deps, stream));
  const beating = setInterval(beat, HEARTBEAT_EVERY_MS);
  const cancelled = (): void => {
    if (attendants.get(stream) !== replace) return; // it is another attempt's by now
    const end = endOf(context);
    if (end !== 'terminated') return stream.stop(end);
    watchOrphan(deps, stream, context);
    leave(new CancelledFailure('Temporal has taken the room back.'));
  };
  context.cancellationSignal.addEventListener('abort', cancelled, { once: true });
  if (context.cancellationSignal.aborted) cancelled();
  report(deps, stream, notifier, ended.signal);
  const tellOfIt = (): Promise<void> => sendHeartbeat(deps, stream, context);
  stream.opened.then(tellOfIt, tellOfIt);
  try {
    return await Promise.race([stream.done, left]);
  } finally {
    context.cancellationSignal.removeEventListener('abort', cancelled);
    clearInterval(beating);
    ended.abort();
    beat();
    await sendHeartbeat(deps, stream, context);
  }
}

/** Ends the stream once it has no further use, unless another attempt takes it over. */
function watchOrphan({ client, spool }: StreamDeps, stream: RoomStream, { info }: Context): void {
  const { workflowId = '', runId = '' } = info.workflowExecution ?? {};
  const watch = new AbortController();
  const end = (): void => watch.abort();
  attendants.set(stream, end);
  stream.done.then(end, end);
  const orphan = { workflowId, runId, activityType: info.activityType, workerId: spool.workerId };
  void untilUnwanted(client, orphan, watch.signal).then(() => {
    if (!watch.signal.aborted) stream.stop('terminated');
  });
}

/** Past the SDK's throttle: the next attempt should know this connection even if the worker dies in the next second, and what it came to. */
async function sendHeartbeat(deps: StreamDeps, stream: RoomStream, context: Context): Promise<void> {
  const { client, log } = deps;
  try {
    await client.withDeadline(Date.now() + HEARTBEAT_WITHIN_MS, () =>
      client.activity.heartbeat(context.info.taskToken, heartbeatOf(deps, stream)),
    );
  } catch (error) {
    log.debug({ room: stream.room, reason: String(error) }, 'a heartbeat did not arrive, or brought a cancel');
  }
}

function heartbeatOf({ spool }: StreamDeps, stream: RoomStream): StreamHeartbeat {
  const { durable, events, durableSeq, isClosing, lastFrameAt } = stream;
  const { info } = Context.current();
  if (durable === undefined) return connectingHeartbeat(spool.workerId, info, stream.known);
  const { _id: connectionId, sessionId, endpoint, connectedAt, coveredUntil, counts } = durable;
  return {
    state: isClosing ? 'closing' : 'streaming',
    attempt: info.attempt,
    failures: stream.isHealthy ? 0 : failuresInARow(info) + (stream.isStillborn ? 1 : 0),
    connectionId,
    ...(sessionId !== undefined && { sessionId }),
    workerId: spool.workerId,
    endpoint,
    connectedAt,
    lastFrameAt,
    ...(coveredUntil !== undefined && { coveredUntil }),
    events,
    durableSeq,
    accepted: { ...counts?.accepted },
    ...earlierOf(info, connectionId),
    ...(stream.known.previous && { previous: stream.known.previous }),
  };
}

function report(deps: StreamDeps, stream: RoomStream, notifier: Notifier, ended: AbortSignal): void {
  const tell = (): void => {
    const { record, events, title, popularity } = stream;
    notifier.tell({
      state: 'streaming',
      workerId: record.workerId,
      connectionId: record._id,
      endpoint: record.endpoint,
      connectedAt: record.connectedAt,
      events,
      ...(title !== undefined && { title }),
      ...(popularity !== undefined && { popularity }),
    });
  };
  let timer: NodeJS.Timeout;
  const next = (times: number): void => {
    timer = setTimeout(() => {
      tell();
      next(Math.min(MOST_SELDOM, 2 * times));
    }, deps.progressEveryMs * times);
  };
  tell();
  next(1);
  ended.addEventListener('abort', () => clearTimeout(timer), { once: true });
}

/** What a cancel of the activity means for its connection. */
function endOf({ cancellationDetails }: Context): ConnectionEnd {
  if (cancellationDetails?.cancelRequested === true) return 'cancelled';
  if (cancellationDetails?.paused === true) return 'paused';
  if (cancellationDetails?.reset === true) return 'reconnect';
  if (cancellationDetails?.workerShutdown === true) return 'worker-shutdown';
  return 'terminated';
}
