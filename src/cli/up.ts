import { join } from 'node:path';
import { z } from 'zod';
import { FAULT_PRESET, type SimulatorInput } from '../simulator/options.js';
import type { CommandContext, RegisterCommand } from './context.js';
import { keptRooms } from './discovery/kept-rooms.js';
import { numberOption } from './number-option.js';
import { withoutCredentials } from './secrets.js';
import type { Settings } from './settings.js';
import { type Stack, startStack } from './stack.js';

export const UpOptions = z
  .object({
    simulate: z.boolean().default(false),
    rooms: numberOption(1, 100_000).optional(),
    rate: numberOption(0, 200_000, { isWhole: false }).optional(),
    faults: z.boolean().default(false),
    workers: numberOption(1, 16),
  })
  .refine(({ simulate, rate, faults }) => simulate || (rate === undefined && !faults), {
    path: ['simulate'],
    message: 'is wanted for --rate and --faults: they are about the simulated platform',
  });
type UpOptions = z.output<typeof UpOptions>;

const PORTS = { temporal: 7233, ui: 8233, mongo: 27_017 };

const HELP = `
Finds Temporal and MongoDB (on PATH, or downloads or builds them, once), keeps their data in the data folder from one
run to the next, and starts again what ends by itself. Servers that you name (TEMPORAL_ADDRESS, MONGODB_URI) are used
instead. The Schedule of discovery is kept, too, with what you edited in it: --rooms counts where it is yet to be made.
Then: start rooms and watch them in the Temporal UI, or with \`barrage room start\`.
Ctrl-C stops the worker first, which stores what it accepted, then the servers. A second Ctrl-C ends everything at once.

Examples:
  $ barrage up                               collect what discovery finds
  $ barrage up --rooms 20                    the first time: keep the 20 most popular rooms
  $ barrage up --simulate --rooms 50 --faults    nothing leaves this machine
  $ barrage up --data /srv/barrage           data, spool and logs there`;

export const registerUp: RegisterCommand = (program, host) => {
  program
    .command('up')
    .description('run everything on this machine: Temporal, MongoDB and a worker')
    .option('--simulate', 'against a simulated platform, with data of its own')
    .option(
      '--rooms <number>',
      'how many rooms discovery keeps, where it has no Schedule yet (default: 100); with --simulate, also how many there are (default: 50)',
    )
    .option('--rate <number>', 'with --simulate: messages a second, over all rooms (default: 100)')
    .option('--faults', 'with --simulate: connections cut, frames mangled, requests refused')
    .option('--workers <number>', 'how many worker processes', '1')
    .addHelpText('after', HELP)
    .action(host.action(UpOptions, runUp));
};

async function runUp(context: CommandContext, options: UpOptions): Promise<void> {
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
    await tellKeptRooms(context, stack, settings);
    tellWhereItIs(context, stack, settings, dataDir);
    await Promise.race([stack.failed, aborted(signal)]);
  } finally {
    await stack.stop();
    process.off('exit', onExit);
  }
  out.progress('Stopped; the data are kept.');
}

/** What is set for discovery is not heard where its Schedule is there: an operator may have changed that. */
async function tellKeptRooms({ out }: CommandContext, stack: Stack, settings: Settings): Promise<void> {
  const { rooms, platform } = settings.config.discovery;
  const origin = settings.originOf('discovery.rooms');
  if (origin.kind === 'default') return;
  const { address } = stack.temporal.current;
  const { namespace } = stack;
  const options = settings.temporal.isNamed ? settings.temporal.options : { address };
  const kept = await keptRooms({ options, address, namespace }, platform);
  if (kept === undefined || kept === rooms) return;
  const command = `temporal schedule delete --schedule-id discovery:${platform} --address ${address} --namespace ${namespace}`;
  const sentence =
    `Discovery keeps ${kept} rooms, not the ${rooms} of ${origin.name}: its Schedule is there already; edit its input in the Temporal UI, ` +
    `or have it made anew within a minute with \`${command}\`.`;
  out.progress(out.paint('yellow', sentence));
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

const simulatorInput = ({ rooms = 50, rate = 100, faults }: UpOptions): SimulatorInput => ({
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
