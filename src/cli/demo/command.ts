import type { RegisterCommand } from '../context.js';
import { DemoOptions } from './options.js';
import { runDemo } from './run.js';

const HELP = `
Starts Temporal and MongoDB on temporary data (finding, downloading or building them first), a simulated
platform, one worker, and discovery on its Schedule. While messages come in, the Temporal UI and MongoDB are
there to be looked at. At the end everything in MongoDB is compared with everything that was sent, event by
event and field by field. The first Ctrl-C ends the load early and compares what there was; the second one
ends everything at once. Exit code 0 means: nothing lost, nothing stored twice, every field as sent. A demo reads
no settings: --config, --data and --set are for the other commands.

Examples:
  $ barrage demo
  $ barrage demo --faults                                connections cut, frames mangled, requests refused
  $ barrage demo --for 10m --rooms 200 --rate 2000
  $ barrage demo --for 10s --rooms 10 --rate 100 --json  the last line of stdout is one JSON object`;

export const registerDemo: RegisterCommand = (program, host) => {
  program
    .command('demo')
    .description('collect simulated rooms into a real MongoDB for a minute, and check that nothing was lost')
    .option('--for <duration>', 'how long messages are sent, such as 60s or 5m', '60s')
    .option('--rooms <number>', 'rooms that are live', '50')
    .option('--rate <number>', 'messages a second, over all rooms', '500')
    .option('--faults', 'let things go wrong, each kind at least a dozen times a minute')
    .option('--seed <number>', 'same seed, same rooms, users and texts', '1')
    .addHelpText('after', HELP)
    .action(host.action(DemoOptions, runDemo));
};
