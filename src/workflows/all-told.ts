import {
  allHandlersFinished,
  CancelledFailure,
  CancellationScope,
  condition,
  ContinueAsNew,
} from '@temporalio/workflow';

/**
 * Waits for `holds`, and for every signal and update of the activation to have been handled; `ms` is the longest wait, without end if left out.
 *
 * Commands that follow from what a handler did are given after this only. At replay the SDK hands updates over after all signals of their workflow
 * task, the first time in the order in which they came (after a reset, an update may come first). A command that stood between an update's acceptance
 * and its completion could then stand elsewhere than in the history, which stops a workflow for good.
 */
export async function allTold(holds: () => boolean, ms?: number): Promise<void> {
  const settled = (): boolean => allHandlersFinished() && holds();
  if (ms === undefined) await condition(settled);
  else await condition(settled, ms);
}

/**
 * Runs `work`, and cancels it when the run is cancelled, but after `allTold` only: the SDK would give the commands of a cancel at once. `whenCancelled`
 * is called with the cancel, and not cancelled itself.
 */
export function runUntilCancelled<T>(work: () => Promise<T>, whenCancelled: () => Promise<void>): Promise<T> {
  const run = CancellationScope.current();
  return CancellationScope.nonCancellable(async () => {
    const scope = new CancellationScope();
    run.cancelRequested.catch(async () => {
      await allTold(() => true);
      const told = whenCancelled();
      scope.cancel();
      await told;
    });
    try {
      return await scope.run(work);
    } catch (error) {
      // The next run would not know of a cancel that came in this very moment.
      if (error instanceof ContinueAsNew && run.consideredCancelled) throw new CancelledFailure('Workflow cancelled');
      throw error;
    }
  });
}
