import { join } from 'node:path';
import { z } from 'zod';
import { FAULT_PRESET, type SimulatorInput } from '../simulator/options.js';
import type { CommandContext, RegisterCommand } from './context.js';
import { withoutCredentials } from './secrets.js';
import type { Settings } from './settings.js';
import { type Stack, startStack } from './stack.js';

const count = (max: number) =>
  z.coerce
    .number(`a whole number from 1 to ${max} is wanted`)
    .int()
    .min(1, `at least 1 is wanted`)
    .max(max, `at most ${max} is possible`);
const Options = z
  .object({
    simulate: z.boolean().default(false),
    rooms: count(100_000).optional(),
    rate: z.coerce.number().min(0).max(200_000).optional(),
    faults: z.boolean().default(false),
    workers: count(16).default(1),
  })
  .refine(({ simulate, rate, faults }) => simulate || (rate === undefined && !faults), {
    path: ['simulate'],
    message: 'is wanted for --rate and --faults: they are about the simulated platform',
  });
type Options = z.output<typeof Options>;

const PORTS = { temporal: 7233, ui: 8233, mongo: 27_017 };

const HELP = `
Finds Temporal and MongoDB (on PATH, or downloads or builds them, once), keeps their data in the data folder from one
run to the next, and starts again what ends by itself. Servers that you name (TEMPORAL_ADDRESS, MONGODB_URI) are used
instead. Then: start rooms and watch them in the Temporal UI, or with \`barrage room start\`.
Ctrl-C stops the worker first, which stores what it accepted, then the servers. A second Ctrl-C ends everything at once.

Examples:
  $ barrage up                               collect what discovery finds
  $ barrage up --rooms 20                    keep the 20 most popular rooms
  $ barrage up --simulate --rooms 50 --faults    nothing leaves this machine
  $ barrage up --data /srv/barrage           data, spool and logs there`;

export const registerUp: RegisterCommand = (program, host) => {
  program
    .command('up')
    .description('run everything on this machine: Temporal, MongoDB and a worker')
    .option('--simulate', 'against a simulated platform, with data of its own')
    .option('--rooms <number>', 'how many rooms discovery keeps; with --simulate, also how many there are')
    .option('--rate <number>', 'with --simulate: messages a second, over all rooms')
    .option('--faults', 'with --simulate: connections cut, frames mangled, requests refused')
    .option('--workers <number>', 'how many worker processes', '1')
    .addHelpText('after', HELP)
    .action(host.action(Options, runUp));
};

async function runUp(context: CommandContext, options: Options): Promise<void> {
  const settings = await context.settings({ 'discovery.rooms': { flag: '--rooms', value: options.rooms } });
  const { out, signal, env } = context;
  // Simulated messages never mix with real ones.
  const dataDir = options.simulate ? join(settings.dataDir, 'simulated') : settings.dataDir;
  const stack = await startStack({
    dataDir,
    env,
    signal,
    workers: options.workers,
    ports: PORTS,
    settings: settings.given,
    named: namedServers(settings),
    report: (line) => out.progress(out.paint('dim', line)),
    ...(options.simulate && { simulate: simulatorInput(options) }),
  });
  const onExit = (): void => stack.kill(); // the second Ctrl-C waits for nothing
  process.on('exit', onExit);
  try {
    tellWhereItIs(context, stack, settings, dataDir);
    await Promise.race([stack.failed, aborted(signal)]);
  } finally {
    await stack.stop();
    process.off('exit', onExit);
  }
  out.progress('Stopped; the data are kept.');
}

const aborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });

function namedServers({
  temporal,
  config,
  originOf,
}: Settings): NonNullable<Parameters<typeof startStack>[0]['named']> {
  return {
    ...(temporal.isNamed && { temporal }),
    ...(originOf('store.uri').kind !== 'default' && { mongoUri: config.store.uri }),
  };
}

const simulatorInput = ({ rooms = 50, rate = 100, faults }: Options): SimulatorInput => ({
  rooms,
  rate,
  connectionLimit: Math.max(150, rooms + 50),
  faults: faults ? FAULT_PRESET : {},
});

function tellWhereItIs({ out }: CommandContext, stack: Stack, settings: Settings, dataDir: string): void {
  const { temporal, mongo, simulator, workers, namespace } = stack;
  const { database } = settings.config.store;
  const mongoUri = withoutCredentials(mongo.current.address);
  const uri = mongoUri.replace(/\/?$/, `/${database}`);
  const uiUrl = temporal.current.uiUrl;
  const monitors = workers.map(({ current }) => `${current.monitorUrl}/metrics`);
  const ready = {
    uiUrl,
    temporal: temporal.current.address,
    namespace,
    mongoUri,
    database,
    simulatorUrl: simulator?.url,
  };
  out.json({ ready: { ...ready, workers: workers.map(({ current }) => current.workerId), monitors, dataDir } });
  out.say(
    out.table([
      [out.paint('bold', 'Temporal UI'), uiUrl ?? `(that of the server at ${temporal.current.address})`],
      [out.paint('bold', 'MongoDB'), mongoUri],
      ...(mongo.current.how === 'named' ? [] : [['', `mongosh '${uri}' --eval 'db.rooms.find().limit(5)'`]]),
      ...(simulator ? [[out.paint('bold', 'Simulator'), simulator.url]] : []),
      ...monitors.map((url) => [out.paint('bold', 'Metrics'), url]),
      [out.paint('bold', 'Data'), `${dataDir} (kept between runs; logs/ in it)`],
    ]),
  );
  out.say(out.paint('dim', 'Ready. Stop with Ctrl-C.'));
}
