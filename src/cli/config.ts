import { z } from 'zod';
import type { CommandContext, RegisterCommand } from './context.js';
import type { ShownSetting } from './settings.js';

const Options = z.object({ all: z.boolean().default(false) });

const HELP = `
Values come from barrage.config.json, then the environment (BARRAGE_WORKER_CONNECTIONS for worker.connections),
then flags (--set worker.connections=50); the last one wins. Secrets are shown as [secret].

Examples:
  $ barrage config                                  what differs from the defaults, and who set it
  $ barrage config --all --json | jq .settings      everything, for a program
  $ BARRAGE_LOG_LEVEL=debug barrage config          try a variable`;

export const registerConfig: RegisterCommand = (program, host) => {
  program
    .command('config')
    .description('print the settings, each with where it came from')
    .option('--all', 'also those that nobody set')
    .addHelpText('after', HELP)
    .action(host.action(Options, printSettings));
};

async function printSettings(context: CommandContext, { all }: z.output<typeof Options>): Promise<void> {
  const { shown, dataDir } = await context.settings();
  const { out } = context;
  const chosen = shown.filter(({ origin }) => all || origin.kind !== 'default');
  out.result(
    { dataDir, settings: chosen.map(({ key, value, origin }) => ({ key, value: value ?? null, origin })) },
    () => {
      const rows = chosen.map((setting) => [setting.key, valueText(setting), out.paint('dim', setting.origin.name)]);
      return [
        `Data folder: ${dataDir}`,
        ...(rows.length > 0 ? [out.table(rows)] : ['Every setting has its default.']),
      ].join('\n');
    },
  );
}

function valueText({ value }: ShownSetting): string {
  if (value === undefined) return '(none)';
  return typeof value === 'string' ? value : JSON.stringify(value);
}
