import type { Engine } from './engine.js';

/** A server of somebody else's, which answered: there is nothing to stop, and nobody tells us when it ends. */
export const namedEngine = (name: string, version: string, address: string): Engine => ({
  name,
  version,
  address,
  how: 'named',
  exited: new Promise<never>(() => {}),
  stop: async () => undefined,
  kill: () => undefined,
});
