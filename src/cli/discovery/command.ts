import type { RegisterCommand } from '../context.js';
import { PauseOptions, pauseDiscovery, resumeDiscovery } from './pause.js';
import { RunOptions, runDiscovery } from './run.js';
import { discoveryStatus, StatusOptions } from './status.js';

const HELP = `
Discovery is a Schedule in Temporal, made by the first worker and never overwritten: change it in the UI.

Examples:
  $ barrage discovery status
  $ barrage discovery run                          a sweep now; returns with what it did
  $ barrage discovery pause --note "maintenance"   rooms that are collected stay so
  $ barrage discovery resume`;

export const registerDiscovery: RegisterCommand = (program, host) => {
  const discovery = program
    .command('discovery')
    .description('look for live rooms, or stop looking')
    .addHelpText('after', HELP)
    .action(() => discovery.help({ error: true }));
  const PLATFORM = ['--platform <id>', 'whose discovery', 'bilibili'] as const;
  discovery
    .command('status')
    .description('show the Schedule, and what its last sweep did')
    .option(...PLATFORM)
    .addHelpText('after', HELP)
    .action(host.action(StatusOptions, discoveryStatus));
  discovery
    .command('run')
    .description('sweep now, and wait for the result')
    .option(...PLATFORM)
    .option('--no-wait', 'return when it is triggered')
    .addHelpText('after', HELP)
    .action(host.action(RunOptions, runDiscovery));
  discovery
    .command('pause')
    .description('begin no further sweep')
    .option(...PLATFORM)
    .option('--note <text>', 'why; the UI shows it')
    .addHelpText('after', HELP)
    .action(host.action(PauseOptions, pauseDiscovery));
  discovery
    .command('resume')
    .description('sweep again')
    .option(...PLATFORM)
    .option('--note <text>', 'why; the UI shows it')
    .addHelpText('after', HELP)
    .action(host.action(PauseOptions, resumeDiscovery));
};
