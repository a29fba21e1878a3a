import type { RegisterCommand } from './context.js';
import { registerConfig } from './config.js';
import { registerDemo } from './demo/command.js';
import { registerDoctor } from './doctor/command.js';
import { registerRoom } from './room/command.js';
import { registerSchema } from './schema.js';
import { registerUp } from './up.js';
import { registerWorker } from './worker.js';

/** Every command, in the order of the help text. */
export const COMMANDS: readonly RegisterCommand[] = [
  registerUp,
  registerDemo,
  registerWorker,
  registerRoom,
  registerDoctor,
  registerConfig,
  registerSchema,
];
