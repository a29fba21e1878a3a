import { ApplicationFailure, condition, defineSignal, setHandler } from '@temporalio/workflow';

export const fail = defineSignal('fail');

/** Rests until it is told to fail. */
export async function resting(): Promise<void> {
  let isToFail = false;
  setHandler(fail, () => {
    isToFail = true;
  });
  await condition(() => isToFail);
  throw ApplicationFailure.nonRetryable('told to');
}
