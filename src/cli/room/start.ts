import { WorkflowExecutionAlreadyStartedError, WorkflowFailedError, WorkflowNotFoundError } from '@temporalio/client';
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { BarrageError } from '../../model/errors.js';
import { EVENT_KINDS } from '../../model/event-kind.js';
import { RoomOrder, Until } from '../../model/room.js';
import { roomStart } from '../../model/room-attributes.js';
import type { RoomPhase } from '../../model/room-state.js';
import { TASK_QUEUE } from '../../model/stream.js';
import { ask, failureOf } from '../ask-temporal.js';
import type { Work } from '../context.js';
import { numberOption } from '../number-option.js';
import type { TemporalAccess } from '../temporal-access.js';
import { actorState, lastReport } from './actor.js';
import { type NamedRoom, namedRoom } from './room-argument.js';

const kinds = z
  .string()
  .transform((text) => text.split(',').map((kind) => kind.trim()))
  .pipe(z.array(z.enum(EVENT_KINDS, `kinds of events are wanted: ${EVENT_KINDS.join(', ')}.`)));

export const StartOptions = z.object({
  until: z.enum(Until.options, 'offline or cancelled is wanted.').optional(),
  priority: numberOption(1, 5).optional(),
  exclude: kinds.optional(),
  wait: z.boolean().default(false),
});
export type StartOptions = z.output<typeof StartOptions>;

const WAIT_MS = 120_000;
const LOOK_EVERY_MS = 300;
/** States that do not become `streaming` soon: what there is to say is said. */
const SETTLED: ReadonlySet<RoomPhase> = new Set(['streaming', 'waiting', 'paused', 'suspended']);

/** Starts the actor of a room, or tells the one that runs how the room is wanted. */
export const startRoom: Work<StartOptions> = async (context, options, [text]) => {
  const room = namedRoom(text);
  const temporal = await context.temporal();
  const order = orderOf(room, options);
  const outcome = await startOrTell(temporal, room, order);
  const until = order.until === 'offline' ? 'until its broadcast ends' : 'until somebody stops it';
  const sentence =
    outcome === 'started'
      ? `Started: ${room.key} is collected ${until}.`
      : `${room.key} was collected already; from now on it is wanted ${until}.`;
  if (!options.wait) {
    context.out.result({ room: room.key, workflowId: room.workflowId, outcome }, () => sentence);
    return;
  }
  context.out.progress(sentence);
  const seen = await settledState(temporal, room, context.signal);
  context.out.result({ ...seen, outcome }, () => `${seen.room} is ${seen.state}.`);
};

const orderOf = (room: NamedRoom, { until, priority, exclude }: StartOptions): RoomOrder =>
  RoomOrder.parse({
    room: room.key,
    ...(until !== undefined && { until }),
    ...(priority !== undefined && { priority }),
    ...(exclude !== undefined && { exclude }),
  });

/** A room that ends between the two calls is started after all. */
async function startOrTell(
  temporal: TemporalAccess,
  room: NamedRoom,
  order: RoomOrder,
): Promise<'started' | 'updated'> {
  const { workflow } = temporal.client;
  const { workflowId } = room;
  const { room: _, ...change } = order;
  for (let attempt = 1; ; attempt += 1) {
    try {
      await ask(temporal, () => workflow.start('room', { ...roomStart(room, order), taskQueue: TASK_QUEUE }));
      return 'started';
    } catch (error) {
      if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
    }
    try {
      await ask(temporal, () => workflow.getHandle(workflowId).signal('configure', change));
      return 'updated';
    } catch (error) {
      if (!(error instanceof WorkflowNotFoundError) || attempt > 1) throw error;
    }
  }
}

/** Follows the room to the actor of its canonical id. Throws what the room failed with; `TEMPORAL_UNAVAILABLE` after two minutes without a word. */
async function settledState(
  temporal: TemporalAccess,
  first: NamedRoom,
  signal: AbortSignal,
): Promise<{ room: string; workflowId: string; state: RoomPhase }> {
  let room = first;
  const until = Date.now() + WAIT_MS;
  while (Date.now() < until) {
    const state = await actorState(temporal, room);
    if (state !== undefined && SETTLED.has(state.phase))
      return { room: room.key, workflowId: room.workflowId, state: state.phase };
    room = (await successor(temporal, room)) ?? room;
    await sleep(LOOK_EVERY_MS, undefined, { signal });
  }
  throw new BarrageError(
    'TEMPORAL_UNAVAILABLE',
    `${room.key} does not stream after ${WAIT_MS / 1_000} s; does a worker run?`,
  );
}

/** The room that an ended actor handed over to; undefined while it runs. Throws where it ended otherwise. */
async function successor(temporal: TemporalAccess, room: NamedRoom): Promise<NamedRoom | undefined> {
  try {
    const report = await lastReport(temporal, room);
    if (report === undefined || report.ended === 'handed-over') return report && namedRoom(report.room);
    throw new BarrageError('NOT_RUNNING', `The room ${room.key} has ended: ${report.detail}`);
  } catch (error) {
    if (error instanceof WorkflowFailedError) throw failureOf(error, `The room ${room.key}`);
    throw error;
  }
}
