import { ApplicationFailure, ApplicationFailureCategory, CancelledFailure } from '@temporalio/common';
import type { ActivityInboundCallsInterceptor } from '@temporalio/worker';
import { jittered } from '../model/backoff.js';
import { BarrageError, ERRORS } from '../model/errors.js';
import type { Logger } from '../model/log.js';

/** Where the retry policy starts and ends for streams; its own intervals have no jitter, so each failure brings its own. */
const FIRST_RETRY_MS = 100;
const LONGEST_RETRY_MS = 30_000;

/** A wait handed over at once: another worker, or the same one restarted, takes the work. */
const AT_ONCE = new Set(['WORKER_SHUTDOWN', 'WORKER_RESTARTED']);

/**
 * The one place where a failure becomes Temporal's: its type is the code, its message the sentence and the help.
 * Temporal shows messages and stacks to people, so nothing foreign passes; it goes to this worker's log.
 */
export function failureInterceptor(
  log: Logger,
  attempt: number,
  activityType: string,
): ActivityInboundCallsInterceptor {
  return {
    async execute(input, next): Promise<unknown> {
      try {
        return await next(input);
      } catch (error) {
        if (error instanceof CancelledFailure || error instanceof ApplicationFailure) throw error;
        if (error instanceof BarrageError) throw applicationFailure(error, attempt, Math.random);
        log.error({ err: error, activityType }, 'an activity failed in a way nobody foresaw');
        throw ApplicationFailure.create({
          type: 'UNEXPECTED',
          message: `${activityType} failed; the log of its worker says why.`,
        });
      }
    },
  };
}

/** @param attempt of the activity, from 1: the wait grows with it */
export function applicationFailure(error: BarrageError, attempt: number, random: () => number): ApplicationFailure {
  const { retry, help } = ERRORS[error.code];
  const growing = Math.min(LONGEST_RETRY_MS, FIRST_RETRY_MS * 2 ** Math.min(20, attempt - 1));
  const nextRetryDelay = AT_ONCE.has(error.code) ? 1 : (error.retryAfterMs ?? jittered(growing, random));
  const failure = ApplicationFailure.create({
    type: error.code,
    message: `${error.message} ${help}`,
    nonRetryable: retry === 'never',
    nextRetryDelay,
    category: ApplicationFailureCategory.BENIGN,
    details: [error.facts],
  });
  failure.stack = ''; // where in barrage it arose is no help to an operator, and names this machine's folders
  return failure;
}
