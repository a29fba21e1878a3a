import type { WorkflowFailedError } from '@temporalio/client';
import {
  isGrpcDeadlineError,
  isGrpcServiceError,
  ScheduleNotFoundError,
  ServiceError,
  WorkflowNotFoundError,
} from '@temporalio/client';
import { ApplicationFailure, CancelledFailure, TerminatedFailure, TimeoutFailure } from '@temporalio/common';
import { z } from 'zod';
import { BarrageError, ERRORS, type ErrorCode } from '../model/errors.js';
import { withoutCredentials } from './secrets.js';
import type { TemporalAccess } from './temporal-access.js';

const CALL_WITHIN_MS = 15_000;

const isCode = (text: unknown): text is ErrorCode => typeof text === 'string' && Object.hasOwn(ERRORS, text);

/** Asks Temporal within a deadline. Throws `TEMPORAL_UNAVAILABLE` where it does not answer; what it answers as an error passes. */
export async function ask<T>(
  { client, address }: TemporalAccess,
  call: () => Promise<T>,
  withinMs: number = CALL_WITHIN_MS,
): Promise<T> {
  try {
    return await client.withDeadline(Date.now() + withinMs, call);
  } catch (error) {
    throw isUnanswered(error) ? unanswered(error, address) : error;
  }
}

function isUnanswered(error: unknown): boolean {
  if (error instanceof WorkflowNotFoundError || error instanceof ScheduleNotFoundError) return false;
  return error instanceof ServiceError || isGrpcServiceError(error) || isGrpcDeadlineError(error);
}

function unanswered(error: unknown, address: string): BarrageError {
  const cause = error instanceof ServiceError && error.cause instanceof Error ? error.cause : error;
  const words = withoutCredentials(cause instanceof Error ? cause.message : 'unknown').slice(0, 160);
  return new BarrageError('TEMPORAL_UNAVAILABLE', `Temporal at ${address} did not answer: ${words}.`, { address });
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
