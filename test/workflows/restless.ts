import { continueAsNew, defineSignal, setHandler } from '@temporalio/workflow';
import { allTold, runUntilCancelled } from '../../src/workflows/all-told.js';

export const goOn = defineSignal('goOn');

/** Begins anew whenever it is told to go on. */
export async function restless(): Promise<void> {
  let isTold = false;
  setHandler(goOn, () => void (isTold = true));
  await runUntilCancelled(
    async () => {
      await allTold(() => isTold);
      await continueAsNew();
    },
    async () => undefined,
  );
}
