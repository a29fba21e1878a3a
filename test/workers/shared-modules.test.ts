import assert from 'node:assert';
import { createContext, runInContext } from 'node:vm';
import { describe, expect, it } from 'vitest';
import { bundleWorkflows } from '../../src/workers/bundle.js';
import { withSharedModules } from '../../src/workers/shared-modules.js';

const BUNDLE = `const __webpack_module_cache__ = globalThis.__webpack_module_cache__; __webpack_module_cache__;`;

/** A cache of modules as the SDK gives it to a bundle: one for all before the first workflow, then another one a workflow. */
function cacheOfWorkflows() {
  const before: Record<string, object> = {};
  let own = before;
  const handler: ProxyHandler<object> = {
    get: (_, id) => before[String(id)] ?? own[String(id)],
    set: (_, id, module: object) => Reflect.set(own, id, module),
  };
  const context: Record<string, unknown> = { __webpack_module_cache__: new Proxy({}, handler) };
  const cache: unknown = runInContext(withSharedModules(BUNDLE), createContext(context));
  if (typeof cache !== 'object' || cache === null) throw new Error('the bundle keeps no modules');
  return {
    before,
    get: (id: string): unknown => Reflect.get(cache, id),
    set: (id: string, module: object) => Reflect.set(cache, id, module),
    nextWorkflow: () => {
      own = {};
      context['__TEMPORAL_ACTIVATOR__'] = {};
    },
  };
}

const STATELESS = [
  './node_modules/zod/v4/core/core.js',
  '../node_modules/zod/index.js',
  './src/model/room.ts',
  './dist/model/stream.js',
];
const OTHERS = [
  './dist/workflows/room.js',
  './dist/platforms/addresses.js',
  './model/barrage/dist/workflows/room.js',
  './node_modules/somebody/src/model/state/index.js',
  './node_modules/@temporalio/workflow/lib/index.js',
];

describe('modules of the workflows', () => {
  it.each(STATELESS)('%s is shared when it was preloaded, beside what the SDK shares and freezes', (id) => {
    const cache = cacheOfWorkflows();
    const module = {};
    cache.set(id, module);
    cache.nextWorkflow();
    expect(cache.get(id)).toBe(module);
    expect(cache.before).toEqual({});
  });

  it.each(OTHERS)('%s stays with the SDK', (id) => {
    const cache = cacheOfWorkflows();
    const module = {};
    cache.set(id, module);
    expect(cache.before[id]).toBe(module);
  });

  it.each([...STATELESS, ...OTHERS])('%s is a workflow’s own where it was not preloaded', (id) => {
    const cache = cacheOfWorkflows();
    cache.nextWorkflow();
    const module = {};
    cache.set(id, module);
    expect(cache.get(id)).toBe(module);
    cache.nextWorkflow();
    expect(cache.get(id)).toBeUndefined();
  });

  it('of ours and of zod are all preloaded: none is left for each workflow', { timeout: 120_000 }, async () => {
    const own: Record<string, object> = {};
    let modules = own;
    const cache = new Proxy(own, {
      get: (_, id) => own[String(id)] ?? modules[String(id)],
      set: (_, id, module: object) => Reflect.set(modules, id, module),
    });
    const sandbox = { __webpack_module_cache__: cache, console, AbortController, TextEncoder, TextDecoder, assert };
    const context: Record<string, unknown> = createContext({ ...sandbox, URL, URLSearchParams });
    const { code } = await bundleWorkflows();
    runInContext(code, context);
    runInContext('__TEMPORAL__.preloadModules()', context);
    modules = {};
    context['__TEMPORAL_ACTIVATOR__'] = {};
    runInContext('__TEMPORAL__.importWorkflows()', context);
    const left = Object.keys(modules);
    expect(left.filter((id) => id.includes('/workflows/')).length).toBeGreaterThan(5);
    expect(left.filter((id) => /[/]zod[/]|src[/]model[/]/.test(id))).toEqual([]);
  });

  it('are not touched where the bundler does otherwise: the build fails', () => {
    expect(() => withSharedModules('const __webpack_module_cache__ = {};')).toThrow('shared-modules.ts');
  });
});
