import {
  QueryNotRegisteredError,
  QueryRejectedError,
  WorkflowFailedError,
  WorkflowNotFoundError,
} from '@temporalio/client';
import { BarrageError } from '../../model/errors.js';
import { RoomActorState } from '../../model/room-state.js';
import type { RoomReport } from '../../workflows/room.js';
import { ask } from '../ask-temporal.js';
import type { TemporalAccess } from '../temporal-access.js';
import { type NamedRoom, namedRoom } from './room-argument.js';

const QUERY_WITHIN_MS = 10_000;

export const notCollected = ({ key }: NamedRoom): BarrageError =>
  new BarrageError('NOT_RUNNING', `The room ${key} is not collected.`);

/** What the actor of a room says of itself, also after its end. Undefined where there never was one, or no worker answers for it. */
export async function actorState(temporal: TemporalAccess, room: NamedRoom): Promise<RoomActorState | undefined> {
  const handle = temporal.client.workflow.getHandle(room.workflowId);
  try {
    return RoomActorState.parse(await ask(temporal, () => handle.query('status'), QUERY_WITHIN_MS));
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return undefined;
    if (error instanceof QueryNotRegisteredError || error instanceof QueryRejectedError) return undefined;
    throw error;
  }
}

/** What an actor said at its end; undefined while it runs. Throws what it failed with as the client does, and `WorkflowNotFoundError`. */
export async function lastReport(temporal: TemporalAccess, { workflowId }: NamedRoom): Promise<RoomReport | undefined> {
  const handle = temporal.client.workflow.getHandle<() => Promise<RoomReport>>(workflowId);
  const { status } = await ask(temporal, () => handle.describe());
  return status.name === 'RUNNING' ? undefined : ask(temporal, () => handle.result());
}

/** The room of the canonical id where `room` was started by its short one, else `room` itself. */
export async function canonicalRoom(temporal: TemporalAccess, room: NamedRoom): Promise<NamedRoom> {
  try {
    const report = await lastReport(temporal, room);
    return report?.ended === 'handed-over' ? namedRoom(report.room) : room;
  } catch (error) {
    if (error instanceof WorkflowNotFoundError || error instanceof WorkflowFailedError) return room;
    throw error;
  }
}
