import type { RegisterCommand } from '../context.js';
import { showStatus, StatusOptions } from './status.js';

const HELP = `
Workers and rooms come from Temporal; batches and holes from MongoDB's records of them. Events are not read, so
it costs little however many there are. A hole is time in which a room was wanted and not recorded.

Examples:
  $ barrage status
  $ barrage status --json | jq '.workers[].spool.depth'`;

export const registerStatus: RegisterCommand = (program, host) => {
  program
    .command('status')
    .description('show workers, rooms, batches and holes on one screen')
    .addHelpText('after', HELP)
    .action(host.action(StatusOptions, showStatus));
};
