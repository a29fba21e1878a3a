/** Where the SDK's bundler takes each workflow's own cache of evaluated modules. */
const CACHE = 'const __webpack_module_cache__ = globalThis.__webpack_module_cache__;';

/** Modules that only define: zod, and our schemas made with it. */
const STATELESS = String.raw`/[\\/]node_modules[\\/]zod[\\/]|[\\/](?:src|dist)[\\/]model[\\/][^\\/]+$/`;

/**
 * Lets all workflows of a worker share what its bundle preloads, as far as it keeps no state. The SDK evaluates every module anew for each workflow that comes
 * into its cache; nine tenths of that were zod and our schemas. Its own way to share freezes what it shares, and zod makes its methods when they are first
 * used. What is not preloaded each workflow evaluates for itself, as ever: one that is cut off in the middle of it leaves nothing behind.
 *
 * @param code a bundle of `bundleWorkflowCode`
 * @throws where the bundler writes its cache otherwise, as another version of the SDK may
 */
export function withSharedModules(code: string): string {
  const parts = code.split(CACHE);
  if (parts.length !== 2)
    throw new Error('The bundle of workflows keeps its modules otherwise than src/workers/shared-modules.ts expects.');
  return parts.join(`const __webpack_module_cache__ = ((own) => {
  const shared = new Map();
  const isStateless = (id) => ${STATELESS}.test(id);
  const isPreloading = () => globalThis.__TEMPORAL_ACTIVATOR__ == null;
  return new Proxy(own, {
    get: (_, id) => shared.get(id) ?? own[id],
    set: (_, id, module) => {
      if (isPreloading() && isStateless(id)) shared.set(id, module);
      else own[id] = module;
      return true;
    },
  });
})(globalThis.__webpack_module_cache__);`);
}
