import { Command, CommanderError } from 'commander';
import { BarrageError, ERRORS } from '../model/errors.js';
import { loadCommands } from './commands.js';
import { CommandContext, type CommandHost, GlobalOptions, parseOptions, type RegisterCommand } from './context.js';
import { EXIT_CODES, exitCodeLines, exitCodeOf } from './exit-codes.js';
import { Output } from './output.js';
import { withoutCredentials } from './secrets.js';
import { watchStopSignals, type StopSignals } from './stop-signals.js';
import { usageError } from './usage-error.js';
import { VERSION } from './version.js';

/** Runs one command line to its end, with that environment, and gives its exit code. Never rejects. */
export async function runCli(argv: readonly string[], env: NodeJS.ProcessEnv): Promise<number> {
  // Before the command line is parsed, so that what is wrong with it is told in the form it asks for.
  const out = new Output(process, {
    isJson: argv.includes('--json'),
    mayColor: !argv.includes('--no-color') && !env['NO_COLOR'],
  });
  const stop = watchStopSignals(out.progress);
  let code: number = EXIT_CODES.ok.code;
  const host = hostFor({ out, stop, env }, (given) => (code = given));
  const program = createProgram(host, await loadCommands(argv));
  try {
    await program.parseAsync(argv, { from: 'user' });
    return code;
  } catch (error) {
    if (error instanceof CommanderError) return endOfParsing(error, program, argv, out);
    if (stop.signal.aborted && !(error instanceof BarrageError)) return stop.exitCode();
    tell(error, out, argv.includes('--verbose'));
    return exitCodeOf(error);
  } finally {
    stop.dispose();
  }
}

/** The program with these commands; nothing runs before it is given a command line. */
export function createProgram(host: CommandHost, commands: readonly RegisterCommand[]): Command {
  const program = new Command('barrage')
    .description('Collects the live chat of live-streaming rooms into MongoDB: nothing lost, nothing stored twice.')
    .version(VERSION, '-V, --version', 'print the version')
    .helpOption('-h, --help', 'print what a command does and takes')
    .exitOverride()
    .configureOutput({ writeErr: () => undefined, outputError: () => undefined })
    .configureHelp({ showGlobalOptions: true, sortSubcommands: false });
  program
    .option('--config <file>', 'configuration file; "-" reads it from standard input (default: barrage.config.json)')
    .option(
      '--data <folder>',
      'where spools and the data of embedded engines are kept (default: in the user’s data folder)',
    )
    .option('--set <key=value>', 'one setting, as worker.connections=50; may be repeated', collect)
    .option('--json', 'results as one JSON value a line on stdout')
    .option('--verbose', 'show more: the debug log, and the stack of a failure')
    .option('--no-color', 'no colours, also on a terminal')
    .addHelpText('after', afterHelp);
  for (const register of commands) register(program, host);
  return program;
}

const collect = (value: string, previous: readonly string[] = []): string[] => [...previous, value];

const afterHelp = (): string => `
Examples:
  $ barrage up --simulate            everything on this machine, against a simulated platform
  $ barrage worker                   a worker beside a Temporal and a MongoDB of your own
  $ barrage room start 22603245      collect a room
  $ barrage doctor                   what is set, what is reachable, what to do about it

Settings come from barrage.config.json, then BARRAGE_* in the environment, then flags; the last one wins.

Exit codes:
${exitCodeLines()}`;

function hostFor(
  { out, stop, env }: { out: Output; stop: StopSignals; env: NodeJS.ProcessEnv },
  finish: (code: number) => void,
): CommandHost {
  return {
    action:
      (schema, work) =>
      async (...params) => {
        const command = params.at(-1);
        if (!(command instanceof Command)) throw new Error('commander calls an action with its command last');
        const global = parseOptions(GlobalOptions, command.optsWithGlobals());
        const surroundings = { env, cwd: process.cwd(), out, signal: stop.signal };
        const context = new CommandContext(surroundings, global);
        try {
          finish((await work(context, parseOptions(schema, command.opts()), command.args)) ?? EXIT_CODES.ok.code);
        } finally {
          await context.close();
        }
      },
  };
}

/** Commander ends parsing by throwing, also after --help and --version. */
function endOfParsing(error: CommanderError, program: Command, argv: readonly string[], out: Output): number {
  if (error.exitCode === 0) return EXIT_CODES.ok.code;
  if (error.code === 'commander.help') {
    out.progress(program.helpInformation());
    return EXIT_CODES.refused.code;
  }
  tell(usageError(error, program, argv), out, false);
  return EXIT_CODES.refused.code;
}

/** One line on stderr for people; with --json, one JSON object as the last line of stdout. */
function tell(error: unknown, out: Output, isVerbose: boolean): void {
  const { code, message, help } = wordsOf(error);
  if (out.isJson) out.json({ error: { code, message, help } });
  else out.progress(`${out.paint('red', 'barrage:')} ${message} ${help}`);
  if (isVerbose && error instanceof Error) out.progress(withoutCredentials(error.stack ?? ''));
}

function wordsOf(error: unknown): { code: string; message: string; help: string } {
  if (error instanceof BarrageError) {
    return { code: error.code, message: error.message, help: ERRORS[error.code].help };
  }
  const message = withoutCredentials(error instanceof Error ? error.message : String(error));
  return { code: 'UNEXPECTED', message: `Unexpected failure: ${message}`, help: 'Add --verbose to see where.' };
}
