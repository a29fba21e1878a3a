import { QueryNotRegisteredError, QueryRejectedError, WorkflowNotFoundError } from '@temporalio/client';
import { BarrageError } from '../../model/errors.js';
import { RoomActorState } from '../../model/room-state.js';
import { ask } from '../ask-temporal.js';
import type { TemporalAccess } from '../temporal-access.js';
import type { NamedRoom } from './room-argument.js';

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
