import type { WorkflowFailedError } from '@temporalio/client';
import { isGrpcServiceError, ServiceError } from '@temporalio/client';
import {
  ApplicationFailure,
  CancelledFailure,
  NamespaceNotFoundError,
  TerminatedFailure,
  TimeoutFailure,
} from '@temporalio/common';
import { z } from 'zod';
import { BarrageError, ERRORS, type ErrorCode } from '../model/errors.js';
import { withoutCredentials } from './secrets.js';
import type { TemporalAccess } from './temporal-access.js';

const CALL_WITHIN_MS = 15_000;

const isCode = (text: unknown): text is ErrorCode => typeof text === 'string' && Object.hasOwn(ERRORS, text);

/** Codes of gRPC: CANCELLED, DEADLINE_EXCEEDED and UNAVAILABLE, with which a client tells that no answer came. */
const NO_ANSWER: ReadonlySet<number> = new Set([1, 4, 14]);
/** UNKNOWN, RESOURCE_EXHAUSTED, FAILED_PRECONDITION (no worker polls), ABORTED, INTERNAL, DATA_LOSS: the same later may have another answer. */
const NOT_NOW: ReadonlySet<number> = new Set([2, 8, 9, 10, 13, 15]);

/**
 * Asks Temporal within a deadline. Throws `TEMPORAL_UNAVAILABLE` where it does not answer or cannot do it now, and `TEMPORAL_REFUSED` where it says no;
 * what its client has an error of its own for, such as a workflow that is not there, passes.
 */
export async function ask<T>(
  { client, address }: TemporalAccess,
  call: () => Promise<T>,
  withinMs: number = CALL_WITHIN_MS,
): Promise<T> {
  try {
    return await client.withDeadline(Date.now() + withinMs, call);
  } catch (error) {
    throw inOurWords(error, address);
  }
}

function inOurWords(error: unknown, address: string): unknown {
  const answer = error instanceof ServiceError ? error.cause : error;
  const told = (code: ErrorCode, verb: string, what: string): BarrageError => {
    const words = withoutCredentials(what).slice(0, 160).replace(/\.$/, '');
    return new BarrageError(code, `Temporal at ${address} ${verb}: ${words}.`, { address });
  };
  if (answer instanceof NamespaceNotFoundError) return told('TEMPORAL_REFUSED', 'refused', answer.message);
  if (!isGrpcServiceError(answer)) return error;
  if (NO_ANSWER.has(answer.code)) return told('TEMPORAL_UNAVAILABLE', 'did not answer', answer.message);
  if (NOT_NOW.has(answer.code)) return told('TEMPORAL_UNAVAILABLE', 'cannot do it now', answer.details);
  return told('TEMPORAL_REFUSED', 'refused', answer.details);
}

const WorkflowWords = z.object({ message: z.string() });

/** Why a workflow failed, as an error with its own code where it is one of ours; its help is told once. */
export function failureOf(error: WorkflowFailedError, what: string): BarrageError {
  const { cause } = error;
  if (cause instanceof CancelledFailure) return new BarrageError('NOT_RUNNING', `${what} was cancelled.`);
  if (cause instanceof TerminatedFailure) return new BarrageError('NOT_RUNNING', `${what} was terminated.`);
  if (cause instanceof TimeoutFailure) return new BarrageError('NOT_RUNNING', `${what} timed out.`);
  const code = cause instanceof ApplicationFailure && isCode(cause.type) ? cause.type : 'NOT_RUNNING';
  const words = WorkflowWords.safeParse(cause).data?.message ?? 'for an unknown reason';
  return new BarrageError(code, `${what} failed: ${withoutHelp(words, code)}`);
}

const withoutHelp = (words: string, code: ErrorCode): string => words.replace(ERRORS[code].help, '').trim();
