import { ActivityFailure, ApplicationFailure, TimeoutFailure } from '@temporalio/workflow';
import type { z } from 'zod';
import { BarrageError, ERRORS } from '../model/errors.js';

/** The type and the words of what made an activity fail: the code of a `BarrageError`, or `TIMEOUT` where its worker fell silent. */
export function reasonOf(error: unknown): { code: string; message: string } {
  const cause = error instanceof ActivityFailure ? error.cause : error;
  if (cause instanceof TimeoutFailure) return { code: 'TIMEOUT', message: 'The worker that had the room fell silent.' };
  if (cause instanceof ApplicationFailure) return { code: cause.type ?? 'UNKNOWN', message: cause.message };
  return { code: 'UNKNOWN', message: cause instanceof Error ? cause.message : 'It failed for an unknown reason.' };
}

/** The failure that ends a workflow with one sentence: thrown as anything else, it would be retried for ever. */
export function fatal(code: string, message: string): ApplicationFailure {
  const failure = ApplicationFailure.create({ type: code, message, nonRetryable: true });
  failure.stack = ''; // where in barrage it arose is no help to an operator
  return failure;
}

/** Runs `work`; a `BarrageError` of it ends the workflow with its sentence and its help. */
export function orFail<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof BarrageError)) throw error;
    throw fatal(error.code, `${error.message} ${ERRORS[error.code].help}`);
  }
}

/** Parses a workflow's input; what is wrong with it ends the workflow in one sentence. */
export function inputOrFail<S extends z.ZodType>(schema: S, input: unknown): z.output<S> {
  const parsed = schema.safeParse(input);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  const where = issue === undefined || issue.path.length === 0 ? 'The input' : `"${issue.path.join('.')}" in the input`;
  throw fatal('BAD_INPUT', `${where} is wrong: ${issue?.message ?? 'it cannot be read'}. ${ERRORS.BAD_INPUT.help}`);
}
