import {
  ActivityCancellationType,
  CancellationScope,
  getExternalWorkflowHandle,
  isCancellation,
  ParentClosePolicy,
  proxyActivities,
  startChild,
  workflowInfo,
} from '@temporalio/workflow';
import { WorkflowExecutionAlreadyStartedError } from '@temporalio/common';
import type { HangUpActivities } from '../activities/hang-up.js';
import type { RoomActivities } from '../activities/room.js';
import type { StreamActivities } from '../activities/stream-room.js';
import { roomStart } from '../model/room-attributes.js';
import {
  type ClosingSession,
  STREAM_HEARTBEAT_TIMEOUT_MS,
  streamTaskQueue,
  TASK_QUEUE,
  workerTaskQueue,
} from '../model/stream.js';
import { allTold } from './all-told.js';
import { reasonOf } from './failures.js';
import type { Interruption, RoomActor, Step } from './room-actor.js';
import { configure } from './room-messages.js';

/** A history beyond this many events is begun anew even though a connection has to be given up for it; the server ends it at 51,200. */
const LONGEST_HISTORY = 20_000;

const { lookAtRoom } = proxyActivities<RoomActivities>({
  taskQueue: TASK_QUEUE,
  startToCloseTimeout: '10 minutes', // hundreds of rooms that start at once wait for their turn with the platform
  scheduleToCloseTimeout: '1 hour',
  heartbeatTimeout: '30 seconds',
  retry: { initialInterval: '1 second', maximumInterval: '1 minute', maximumAttempts: 10 },
});

const { closeSession } = proxyActivities<RoomActivities>({
  taskQueue: TASK_QUEUE,
  startToCloseTimeout: '30 seconds',
  scheduleToCloseTimeout: '1 day', // as often as it takes until then: a disk may be full for hours, and the record is written once or never
  retry: { initialInterval: '1 second', maximumInterval: '1 minute' },
});

const { awaitLive } = proxyActivities<RoomActivities>({
  taskQueue: TASK_QUEUE,
  startToCloseTimeout: '30 days',
  heartbeatTimeout: '5 minutes', // a room that waits should cost next to nothing
  cancellationType: ActivityCancellationType.TRY_CANCEL,
  retry: { initialInterval: '1 second', maximumInterval: '1 minute' }, // without limit: it waits for as long as the room is wanted
});

/**
 * The retry policy that does the reconnecting. Every failure of ours brings its own wait, and the tenth in a row is not to be retried
 * (`failures-in-a-row.ts`); the server's own count has no limit, since to it each hand-over between workers is an attempt. What the policy itself
 * times is a worker that fell silent.
 */
const streamOf = (actor: RoomActor) =>
  proxyActivities<StreamActivities>({
    taskQueue: streamTaskQueue(actor.state.room.platform),
    startToCloseTimeout: '30 days',
    heartbeatTimeout: STREAM_HEARTBEAT_TIMEOUT_MS,
    cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
    retry: { initialInterval: '100 milliseconds', backoffCoefficient: 2, maximumInterval: '1 second' },
    priority: { priorityKey: actor.state.order.priority },
    summary: summaryOf(actor),
  });

function summaryOf(actor: RoomActor): string {
  const { lastEndpoint } = actor.state;
  return lastEndpoint === undefined ? actor.key : `${actor.key}, last at ${lastEndpoint}`;
}

/** Does one step and tells the actor what came of it. Throws only what ends the run: its own cancellation. */
export async function perform(actor: RoomActor, step: Step): Promise<void> {
  switch (step.do) {
    case 'look':
      return look(actor);
    case 'stream':
      return interruptible(
        actor,
        step,
        async () => {
          actor.streamed(await streamOf(actor).streamRoom(step.request));
        },
        (code, message) => actor.attemptFailed(code, message),
      );
    case 'await-live':
      return interruptible(
        actor,
        step,
        async () => {
          const { platform, roomId } = actor.state.room;
          const { ownerId } = actor.state;
          actor.looked(await awaitLive({ platform, roomId, ...(ownerId !== undefined && { ownerId }) }), Date.now());
        },
        (code, message) => actor.failed(code, message),
      );
    case 'close-session':
      return writeSession(actor, step.closing);
    case 'cool-down':
      await allTold(() => actor.interruption(step) !== undefined, step.ms);
      if (actor.state.phase === 'suspended') actor.cooled();
      return;
    case 'rest':
      await allTold(() => !actor.isResting);
      return actor.cooled();
    case 'end':
    case 'fail':
      return;
  }
}

async function look(actor: RoomActor): Promise<void> {
  try {
    const { roomId, ...seen } = await lookAtRoom(actor.state.room);
    actor.state.room = { ...actor.state.room, roomId };
    actor.looked(seen, Date.now());
  } catch (error) {
    if (isCancellation(error)) throw error;
    const { code, message } = reasonOf(error);
    actor.attemptFailed(code, message);
  }
}

/** Runs `work` until it ends or the actor wants something else; `failed` hears of a failure that is not a cancellation. */
async function interruptible(
  actor: RoomActor,
  step: Step,
  work: () => Promise<void>,
  failed: (code: string, message: string) => void,
): Promise<void> {
  const line = new CancellationScope();
  const watch = new CancellationScope();
  const interruption = (): Interruption | undefined =>
    workflowInfo().historyLength > LONGEST_HISTORY ? 'reconnect' : actor.interruption(step);
  const watching = watch.run(async () => {
    await allTold(() => interruption() !== undefined);
    const told = hangUp(actor, interruption() ?? 'reconnect');
    line.cancel();
    await told;
  });
  watching.catch(() => undefined); // it ends by the cancel below
  try {
    await line.run(work);
  } catch (error) {
    if (!isCancellation(error)) {
      const { code, message } = reasonOf(error);
      return failed(code, message);
    }
    if (!line.consideredCancelled || CancellationScope.current().consideredCancelled) throw error;
    actor.interrupted();
  } finally {
    watch.cancel();
  }
}

/** Tells the worker that holds the connection, as soon as it is known, to end it: a cancel would reach it only with a heartbeat's answer. */
export async function hangUp(actor: RoomActor, reason: Interruption): Promise<void> {
  const isKnown = (): boolean => actor.state.observation !== undefined;
  if (!isKnown()) await allTold(() => isKnown() || !actor.isStreaming);
  const workerId = actor.state.observation?.workerId;
  if (workerId === undefined) return;
  const { hangUp: tell } = proxyActivities<HangUpActivities>({
    taskQueue: workerTaskQueue(workerId),
    scheduleToCloseTimeout: '10 seconds',
    retry: { maximumAttempts: 1 },
    summary: `${actor.key}: ${reason}`,
  });
  await tell({ room: actor.key, reason }).catch(() => undefined); // a worker that is gone: the heartbeat timeout does it
}

/** Writes the record of a session that is over. */
export async function writeSession(actor: RoomActor, closing: ClosingSession): Promise<void> {
  const { platform, roomId } = actor.state.room;
  await closeSession({ platform, roomId, closing });
  actor.closed();
}

/** The other actor may end between the two things that are tried; not twice. */
const HAND_OVER_ATTEMPTS = 3;

/**
 * Leaves the room to the actor of its canonical id, which is started or told that the room is wanted like this. Says so in a sentence; throws where that
 * actor could be neither started nor told.
 */
export async function handOver(actor: RoomActor): Promise<string> {
  const { room, order, popularity } = actor.state;
  const start = roomStart(room, { ...order, room: actor.key }, popularity);
  const { workflowId } = start;
  const { room: _, ...change } = order;
  for (let attempt = 1; ; attempt += 1) {
    try {
      await startChild('room', { ...start, parentClosePolicy: ParentClosePolicy.ABANDON });
      return `The room is collected by the workflow ${workflowId}, started just now.`;
    } catch (error) {
      if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
    }
    try {
      await getExternalWorkflowHandle(workflowId).signal(configure, change);
      return `The room is collected by the workflow ${workflowId}, which was running already.`;
    } catch (error) {
      if (isCancellation(error) || attempt === HAND_OVER_ATTEMPTS) throw error;
    }
  }
}
