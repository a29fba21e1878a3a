import { inject } from 'vitest';
import { type StackOptions, startTestStack, type TestStack } from '../stack.js';
import { openBrowser } from './browser.js';
import { TemporalUi } from './temporal-ui.js';

export interface UiStack {
  stack: TestStack;
  ui: TemporalUi;
  /** Ends the browser and the stack, and removes what they wrote. */
  stop: () => Promise<void>;
}

/** A stack and a browser that looks at its namespace; both, or none. */
export async function startUiStack(options: StackOptions): Promise<UiStack> {
  const [browser, stack] = await Promise.allSettled([openBrowser(), startTestStack(options)]);
  const stop = async (): Promise<void> => {
    if (browser.status === 'fulfilled') await browser.value.close();
    if (stack.status === 'fulfilled') await stack.value.stop();
  };
  try {
    if (browser.status === 'rejected') throw browser.reason;
    if (stack.status === 'rejected') throw stack.reason;
    const page = await browser.value.context.newPage();
    return { stack: stack.value, ui: new TemporalUi(page, inject('temporalUiUrl'), stack.value.namespace), stop };
  } catch (error) {
    await stop();
    throw error;
  }
}
