import { CancelledFailure, Context } from '@temporalio/activity';
import type { ConnectionEnd } from '../model/connection.js';
import type { StreamHeartbeat, StreamReport } from '../model/stream.js';
import type { Notifier } from './notifier.js';
import type { RoomStream } from './room-stream.js';
import type { StreamDeps } from './stream-room.js';

const HEARTBEAT_EVERY_MS = 5_000;

/** After this many reports at the full rate, the actor hears ever more seldom: each one is four events of its history. */
const REPORTS_AT_FULL_RATE = 12;
const SELDOM_FACTOR = 6;

const attendants = new WeakMap<RoomStream, () => void>();

/**
 * Stands by a stream on behalf of one activity attempt: heartbeats for it, tells its actor, and passes on a cancel. Where another attempt takes
 * the stream over, this one ends at once.
 */
export async function attend(deps: StreamDeps, stream: RoomStream, notifier: Notifier): Promise<StreamReport> {
  const context = Context.current();
  attendants.get(stream)?.();
  stream.taskToken = context.info.base64TaskToken;
  const ended = new AbortController();
  const replaced = new Promise<never>((_, reject) => {
    attendants.set(stream, () => reject(new CancelledFailure('Another attempt has taken the connection over.')));
  });
  const beat = (): void => context.heartbeat(heartbeatOf(deps, stream));
  const beating = setInterval(beat, HEARTBEAT_EVERY_MS);
  const cancelled = (): void => stream.stop(endOf(context));
  context.cancellationSignal.addEventListener('abort', cancelled, { once: true });
  if (context.cancellationSignal.aborted) cancelled();
  report(deps, stream, notifier, ended.signal);
  sendFirstHeartbeat(deps, stream, context);
  try {
    return await Promise.race([stream.done, replaced]);
  } finally {
    beat();
    ended.abort();
    clearInterval(beating);
    context.cancellationSignal.removeEventListener('abort', cancelled);
  }
}

/** Past the SDK's throttle, so that the next attempt knows this connection even if the worker dies in the next second. */
function sendFirstHeartbeat(deps: StreamDeps, stream: RoomStream, context: Context): void {
  deps.client.activity.heartbeat(context.info.taskToken, heartbeatOf(deps, stream)).catch((error: unknown) => {
    deps.log.debug(
      { room: stream.room, reason: String(error) },
      'the first heartbeat did not arrive; the next one will',
    );
  });
}

function heartbeatOf({ spool }: StreamDeps, { record, events, durableSeq, isClosing }: RoomStream): StreamHeartbeat {
  const { _id: connectionId, sessionId, endpoint, connectedAt, coveredUntil } = record;
  return {
    state: isClosing ? 'closing' : 'streaming',
    connectionId,
    ...(sessionId !== undefined && { sessionId }),
    workerId: spool.workerId,
    endpoint,
    connectedAt,
    ...(coveredUntil !== undefined && { lastFrameAt: coveredUntil, coveredUntil }),
    events,
    durableSeq,
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
  let reports = 0;
  let timer: NodeJS.Timeout;
  const next = (): void => {
    reports += 1;
    const everyMs = deps.progressEveryMs * (reports > REPORTS_AT_FULL_RATE ? SELDOM_FACTOR : 1);
    timer = setTimeout(() => {
      tell();
      next();
    }, everyMs);
  };
  tell();
  next();
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
