import { WorkflowFailedError, WorkflowNotFoundError } from '@temporalio/client';
import { CancelledFailure } from '@temporalio/common';
import { z } from 'zod';
import { ask, failureOf } from '../ask-temporal.js';
import type { Work } from '../context.js';
import { canonicalRoom, notCollected } from './actor.js';
import { namedRoom } from './room-argument.js';

export const StopOptions = z.object({});
export type StopOptions = z.output<typeof StopOptions>;

const ENDS_WITHIN_MS = 120_000;

/** Cancels the actor of a room, and waits until its connection is closed and its records are safe. */
export const stopRoom: Work<StopOptions> = async (context, _options, [text]) => {
  const named = namedRoom(text);
  const temporal = await context.temporal();
  const room = await canonicalRoom(temporal, named);
  const handle = temporal.client.workflow.getHandle(room.workflowId);
  try {
    const { status } = await ask(temporal, () => handle.describe());
    if (status.name !== 'RUNNING') throw notCollected(room);
    await ask(temporal, () => handle.cancel());
    await ask(temporal, () => handle.result(), ENDS_WITHIN_MS);
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) throw notCollected(room);
    if (!(error instanceof WorkflowFailedError)) throw error;
    if (!(error.cause instanceof CancelledFailure)) throw failureOf(error, `The room ${room.key}`);
  }
  context.out.result(
    { room: room.key, workflowId: room.workflowId, outcome: 'stopped' },
    () => `Stopped: ${room.key} is no longer collected; what was accepted is stored.`,
  );
};
