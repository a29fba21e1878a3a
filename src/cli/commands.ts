import type { RegisterCommand } from './context.js';

/** Every command, in the order of the help text. Loaded when called for: what some of them need takes most of a second to load. */
const COMMANDS: Readonly<Record<string, () => Promise<RegisterCommand>>> = {
  up: async () => (await import('./up.js')).registerUp,
  demo: async () => (await import('./demo/command.js')).registerDemo,
  worker: async () => (await import('./worker.js')).registerWorker,
  room: async () => (await import('./room/command.js')).registerRoom,
  discovery: async () => (await import('./discovery/command.js')).registerDiscovery,
  status: async () => (await import('./status/command.js')).registerStatus,
  doctor: async () => (await import('./doctor/command.js')).registerDoctor,
  config: async () => (await import('./config.js')).registerConfig,
  schema: async () => (await import('./schema.js')).registerSchema,
};

/** Those whose names are among the words of a command line; all of them where none is, for help and for finding the one that was meant. */
export function loadCommands(argv: readonly string[]): Promise<RegisterCommand[]> {
  const named = Object.entries(COMMANDS).filter(([name]) => argv.includes(name));
  const loaders = named.length > 0 && !argv.includes('help') ? named : Object.entries(COMMANDS);
  return Promise.all(loaders.map(([, load]) => load()));
}
