import {
  CancellationScope,
  continueAsNew,
  isCancellation,
  log,
  proxySinks,
  setCurrentDetails,
  setHandler,
  upsertSearchAttributes,
  workflowInfo,
} from '@temporalio/workflow';
import { RoomOrder, roomWorkflowId } from '../model/room.js';
import { POPULARITY, roomAttributes } from '../model/room-attributes.js';
import { Observation } from '../model/stream.js';
import { allTold, runUntilCancelled } from './all-told.js';
import { fatal } from './failures.js';
import type { RoomActor } from './room-actor.js';
import { roomDetails } from './room-details.js';
import { actorFrom } from './room-input.js';
import { configure, observed, pause, reconnect, resume, retire, status } from './room-messages.js';
import type { RoomSinks } from './room-sinks.js';
import { hangUp, handOver, perform, writeSession } from './room-steps.js';

const { circuit } = proxySinks<RoomSinks>();

/** What a `room` says when it is over. */
export interface RoomReport {
  room: string;
  /** `handed-over`: another actor, of the room's canonical id, has it. */
  ended: 'offline' | 'retired' | 'handed-over';
  detail: string;
  connections: number;
  events: number;
}

/** Collects one room for as long as it is wanted: one `streamRoom` after another, one a connection. */
export async function room(input: unknown): Promise<RoomReport> {
  const actor = actorFrom(input);
  const publish = publisher(actor);
  const news = { isThere: false };
  listen(actor, news);
  tell(news, publish).catch(() => undefined); // it ends with the room
  try {
    // The activity itself hears of a cancel only with a heartbeat's answer; its worker is told at once.
    return await runUntilCancelled(
      () => live(actor, publish),
      () => hangUp(actor, 'cancelled'),
    );
  } catch (error) {
    if (isCancellation(error)) await CancellationScope.nonCancellable(() => cancelled(actor, publish));
    throw error;
  }
}

/** Publishes what signals brought. */
async function tell(news: { isThere: boolean }, publish: () => void): Promise<never> {
  for (;;) {
    await allTold(() => news.isThere);
    news.isThere = false;
    publish();
  }
}

async function live(actor: RoomActor, publish: () => void): Promise<RoomReport> {
  for (;;) {
    const step = actor.next();
    publish();
    if (step.do === 'fail') throw fatal(step.code, step.message);
    if (step.do === 'end') return reportOf(actor);
    if (workflowInfo().continueAsNewSuggested) {
      await allTold(() => true);
      return continueAsNew<typeof room>({ carried: actor.state });
    }
    await perform(actor, step);
    const isResolved = step.do === 'look' && actor.state.isLive !== undefined;
    if (isResolved && workflowInfo().workflowId !== roomWorkflowId(actor.state.room)) return handedOver(actor);
  }
}

async function handedOver(actor: RoomActor): Promise<RoomReport> {
  const detail = await handOver(actor);
  return { room: actor.key, ended: 'handed-over', detail, connections: 0, events: 0 };
}

function reportOf({ state, key }: RoomActor): RoomReport {
  const { connections, events, retiredBecause } = state;
  const counts = { room: key, connections, events };
  if (retiredBecause !== undefined) return { ...counts, ended: 'retired', detail: retiredBecause };
  return { ...counts, ended: 'offline', detail: 'The broadcast is over.' };
}

/** Ends the record of a cancelled room; what fails here must not turn the cancel into a failure. */
async function cancelled(actor: RoomActor, publish: () => void): Promise<void> {
  const interrupted = actor.state.closing;
  actor.close('cancelled', Date.now());
  actor.state.phase = 'ended';
  publish();
  for (const closing of new Set([interrupted, actor.state.closing])) {
    if (closing === undefined) continue;
    await writeSession(actor, closing).catch((error: unknown) => {
      log.error('a session of a cancelled room could not be written', { room: actor.key, error });
    });
  }
}

function listen(actor: RoomActor, news: { isThere: boolean }): void {
  setHandler(pause, (reason) => actor.pause(textOf(reason)), {
    description: 'Closes the connection and rests until "resume". Input: the reason, a text.',
  });
  setHandler(resume, () => actor.resume(), { description: 'Ends a pause, or cuts a cool-down short.' });
  setHandler(configure, (change) => configured(actor, change), {
    description: 'Changes until, priority, exclude or offlineGraceMs, from the next connection on.',
  });
  setHandler(retire, (reason) => actor.retire(textOf(reason), Date.now()), {
    description: 'From discovery: the room is no longer wanted. A room that a person started stays.',
  });
  setHandler(
    observed,
    (observation) => {
      const parsed = Observation.safeParse(observation);
      if (parsed.success) actor.observed(parsed.data);
      news.isThere = true;
    },
    { description: 'From the stream under way: how it is doing. Not for people.' },
  );
  setHandler(
    reconnect,
    (reason) => {
      actor.reconnect(textOf(reason));
    },
    {
      description: 'Hangs up and connects again at once. Input: the reason, a text.',
      validator: (_reason: string) => {
        if (!actor.isStreaming) throw new Error(`The room is ${actor.state.phase}: there is no connection to renew.`);
      },
    },
  );
  setHandler(status, () => actor.state);
}

/** People send signals by hand, with whatever they typed: a handler that throws would stop the workflow for good. */
const textOf = (reason: unknown): string =>
  typeof reason === 'string' && reason !== '' ? reason.slice(0, 300) : 'no reason given';

/** What is wrong with a change is shown, and nothing of it is taken. */
function configured(actor: RoomActor, change: unknown): void {
  const parsed = RoomOrder.partial().safeParse(change);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    actor.state.lastError = `configure was refused: "${issue?.path.join('.') ?? ''}" ${issue?.message ?? 'cannot be read'}`;
    return;
  }
  const given = typeof change === 'object' && change !== null ? Object.keys(change) : [];
  const entries = Object.entries(parsed.data).filter(([name]) => given.includes(name) && name !== 'room');
  actor.configure(Object.fromEntries(entries));
}

/**
 * Shows the actor in the UI; search attributes are written only when they say something new, since each write is an event of the history, and one into
 * Temporal's list of workflows. How popular a room is that is about to connect can wait for the first word of its stream.
 */
function publisher(actor: RoomActor): () => void {
  let { circuitOpened } = actor.state;
  return () => {
    const { state } = actor;
    if (state.circuitOpened > circuitOpened) circuit.opened(state.room.platform);
    circuitOpened = state.circuitOpened;
    setCurrentDetails(roomDetails(state));
    const { room, phase, popularity = 0, order } = state;
    const attributes = roomAttributes({ room, phase, popularity, startedBy: order.startedBy });
    const { typedSearchAttributes } = workflowInfo();
    const news = attributes.filter(({ key, value }) => typedSearchAttributes.get(key) !== value);
    const isAboutToConnect = phase === 'connecting' && state.observation === undefined;
    if (news.every(({ key }) => key === POPULARITY && isAboutToConnect)) return;
    upsertSearchAttributes(attributes);
  };
}
