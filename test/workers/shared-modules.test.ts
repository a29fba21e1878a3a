import { createContext, runInContext } from 'node:vm';
import { describe, expect, it } from 'vitest';
import { withSharedModules } from '../../src/workers/shared-modules.js';

const BUNDLE = `const __webpack_module_cache__ = globalThis.__webpack_module_cache__; __webpack_module_cache__;`;

/** A cache of modules as the SDK gives it to a bundle: another one a workflow. */
function cacheOfWorkflows() {
  let own: Record<string, object> = {};
  const handler: ProxyHandler<object> = {
    get: (_, id) => own[String(id)],
    set: (_, id, module: object) => Reflect.set(own, id, module),
    deleteProperty: (_, id) => Reflect.deleteProperty(own, id),
  };
  const context = createContext({ __webpack_module_cache__: new Proxy({}, handler) });
  const cache: unknown = runInContext(withSharedModules(BUNDLE), context);
  if (typeof cache !== 'object' || cache === null) throw new Error('the bundle keeps no modules');
  return {
    get: (id: string): unknown => Reflect.get(cache, id),
    set: (id: string, module: object) => Reflect.set(cache, id, module),
    forget: (id: string) => Reflect.deleteProperty(cache, id),
    next: () => (own = {}),
  };
}

describe('modules of the workflows', () => {
  it.each([
    ['./node_modules/zod/v4/core/core.js', true],
    ['../node_modules/zod/index.js', true],
    ['./src/model/room.ts', true],
    ['./dist/model/stream.js', true],
    ['./dist/workflows/room.js', false],
    ['./dist/platforms/addresses.js', false],
    ['./node_modules/somebody/model/state.js', false],
    ['./node_modules/@temporalio/workflow/lib/index.js', false],
  ])('%s is shared: %s', (id, isShared) => {
    const cache = cacheOfWorkflows();
    const module = {};
    cache.set(id, module);
    expect(cache.get(id)).toBe(module);
    cache.next();
    expect(cache.get(id)).toBe(isShared ? module : undefined);
  });

  it('are evaluated again after they failed', () => {
    const cache = cacheOfWorkflows();
    for (const id of ['./dist/model/room.js', './dist/workflows/room.js']) {
      cache.set(id, {});
      cache.forget(id);
      expect(cache.get(id)).toBeUndefined();
    }
  });

  it('are not touched where the bundler does otherwise: the build fails', () => {
    expect(() => withSharedModules('const __webpack_module_cache__ = {};')).toThrow('shared-modules.ts');
  });
});
