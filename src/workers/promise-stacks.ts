/**
 * At the birth and at the end of each promise of a workflow the SDK has a function compiled that gives it the workflow, and at the birth another one for the
 * sandbox's `Error`, of which it makes one for its stack (`GlobalHandlers.setPromiseHook` of @temporalio/worker). It finds the compiler as `constructor` of the
 * sandbox's `Promise`: here it finds what answers both questions at once, the second one with an error that has no stack.
 */
const WITHOUT_STACKS = `(() => {
  const activator = () => globalThis.__TEMPORAL_ACTIVATOR__;
  const errorWithoutStack = () => Object;
  const answers = {
    'return globalThis.__TEMPORAL_ACTIVATOR__': activator,
    'return globalThis.Error': errorWithoutStack,
  };
  const compile = (...code) => (code.length === 1 && answers[code[0]]) || Function(...code);
  Object.defineProperty(Promise, 'constructor', { value: compile });
})();`;

/**
 * Lets the promises of workflows come without a stack each. A room that rests keeps some thirty of them, and their stacks were half of its memory in the workflows'
 * isolate. The query `__stack_trace` (Call Stack in the Temporal Web UI) answers nothing then; stacks of errors stay, with the places in the sources.
 *
 * @param code a bundle of `bundleWorkflowCode`; its lines stay where they are, for its source map
 */
export const withoutPromiseStacks = (code: string): string => WITHOUT_STACKS.replace(/\n\s*/g, ' ') + code;
