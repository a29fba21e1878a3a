import { msToNumber } from '@temporalio/common/lib/time.js';
import type { ActivityOptions, WorkflowInterceptorsFactory } from '@temporalio/workflow';

/** Time runs this many times faster for what a workflow waits for; what an activity waits for is the script's. */
const FASTER = 40;
/** What a busy machine can still keep, in milliseconds. */
const LEAST_TIMEOUT_MS = 2_500;

const sooner = (timeout: NonNullable<ActivityOptions['startToCloseTimeout']>): number =>
  Math.max(LEAST_TIMEOUT_MS, Math.round(msToNumber(timeout) / FASTER));

/** Compiled into the bundle beside the product's workflows: the same code and the same commands, in less time. */
export const interceptors: WorkflowInterceptorsFactory = () => ({
  outbound: [
    {
      startTimer: (input, next) => next({ ...input, durationMs: Math.max(1, Math.round(input.durationMs / FASTER)) }),
      scheduleActivity: (input, next) => {
        const { retry, heartbeatTimeout, startToCloseTimeout, scheduleToCloseTimeout, ...rest } = input.options;
        const options: ActivityOptions = { ...rest, retry: { ...retry, initialInterval: 50, maximumInterval: 500 } };
        const timeouts = { heartbeatTimeout, startToCloseTimeout, scheduleToCloseTimeout };
        for (const [name, timeout] of Object.entries(timeouts)) {
          if (timeout !== undefined) Object.assign(options, { [name]: sooner(timeout) });
        }
        return next({ ...input, options });
      },
    },
  ],
});
