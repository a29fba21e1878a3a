import type { Info } from '@temporalio/activity';
import { ApplicationFailure, ApplicationFailureCategory, CancelledFailure } from '@temporalio/common';
import type { ActivityInboundCallsInterceptor } from '@temporalio/worker';
import { jittered } from '../model/backoff.js';
import { BarrageError, ERRORS } from '../model/errors.js';
import type { Logger } from '../model/log.js';
import { failuresInARow, MOST_FAILURES_IN_A_ROW } from './failures-in-a-row.js';

const FIRST_RETRY_MS = 100;
const LONGEST_RETRY_MS = 30_000;
/** To ask our own database again costs nobody anything, and whoever waits for chat waits for this. */
const LONGEST_DRAIN_RETRY_MS = 1_000;

/** Another worker, or the same one restarted, takes the work at once; nothing has failed. */
const HANDED_OVER = new Set(['WORKER_SHUTDOWN', 'WORKER_RESTARTED']);
const HAND_OVER_MS = 1;

/**
 * The one place where a failure becomes Temporal's: its type is the code, its message the sentence and the help.
 * Temporal shows messages and stacks to people, so nothing foreign passes; it goes to this worker's log.
 */
export function failureInterceptor(log: Logger, info: Info): ActivityInboundCallsInterceptor {
  const { activityType } = info;
  return {
    async execute(input, next): Promise<unknown> {
      try {
        return await next(input);
      } catch (error) {
        if (error instanceof CancelledFailure || error instanceof ApplicationFailure) throw error;
        if (error instanceof BarrageError) throw applicationFailure(error, retryOf(error, info, Math.random));
        log.error({ err: error, activityType }, 'an activity failed in a way nobody foresaw');
        const { nextRetryDelay, nonRetryable } = retryOf(undefined, info, Math.random);
        const message = `${activityType} failed; the log of its worker says why.`;
        throw ApplicationFailure.create({ type: 'UNEXPECTED', message, nextRetryDelay, nonRetryable });
      }
    },
  };
}

interface Retry {
  /** In milliseconds. */
  nextRetryDelay: number;
  nonRetryable: boolean;
}

/** The policy's own intervals have no jitter and count hand-overs as failures, so each failure brings its own. */
export function retryOf(
  error: BarrageError | undefined,
  info: Pick<Info, 'activityType' | 'attempt' | 'heartbeatDetails'>,
  random: () => number,
): Retry {
  if (error !== undefined && HANDED_OVER.has(error.code)) return { nextRetryDelay: HAND_OVER_MS, nonRetryable: false };
  const isStream = info.activityType === 'streamRoom';
  const failures = 1 + (isStream ? failuresInARow(info) : info.attempt - 1);
  const longest = info.activityType === 'drainSpool' ? LONGEST_DRAIN_RETRY_MS : LONGEST_RETRY_MS;
  const growing = Math.min(longest, FIRST_RETRY_MS * 2 ** Math.min(20, failures - 1));
  return {
    nextRetryDelay: error?.retryAfterMs ?? jittered(growing, random),
    nonRetryable:
      (error !== undefined && ERRORS[error.code].retry === 'never') || (isStream && failures >= MOST_FAILURES_IN_A_ROW),
  };
}

/** What tells Temporal that the process which ran an activity has died: another attempt can begin at once. */
export const diedFailure = (): ApplicationFailure =>
  applicationFailure(new BarrageError('WORKER_RESTARTED', 'The worker that held the connection died.'), {
    nextRetryDelay: HAND_OVER_MS,
    nonRetryable: false,
  });

function applicationFailure(error: BarrageError, retry: Retry): ApplicationFailure {
  const failure = ApplicationFailure.create({
    type: error.code,
    message: `${error.message} ${ERRORS[error.code].help}`,
    ...retry,
    category: ApplicationFailureCategory.BENIGN,
    details: [error.facts],
  });
  failure.stack = ''; // where in barrage it arose is no help to an operator, and names this machine's folders
  return failure;
}
