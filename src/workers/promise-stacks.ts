/**
 * The SDK makes an error at the birth of each promise of a workflow, for the stack that the query `__stack_trace` answers with, right after it noted the run
 * on the promise (`GlobalHandlers.setPromiseHook` of @temporalio/worker): that note tells whose stack is asked for next. Node asks the sandbox's `Error` before the
 * SDK's for how a stack reads.
 */
const WITHOUT_STACKS = `(() => {
  let isOfPromise = false;
  const nothing = () => {
    isOfPromise = false;
    return '';
  };
  Object.defineProperty(Promise.prototype, 'runId', { set: () => { isOfPromise = true; } });
  Object.defineProperty(Error, 'prepareStackTrace', { get: () => (isOfPromise ? nothing : undefined) });
})();`;

/**
 * Lets the promises of workflows come without a stack each. A room that rests keeps some thirty of them, and their stacks were half of its memory in the workflows'
 * isolate. The query `__stack_trace` (Call Stack in the Temporal Web UI) answers nothing then; stacks of errors stay, with the places in the sources.
 *
 * @param code a bundle of `bundleWorkflowCode`; its lines stay where they are, for its source map
 */
export const withoutPromiseStacks = (code: string): string => WITHOUT_STACKS.replace(/\n\s*/g, ' ') + code;
