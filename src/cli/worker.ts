import { mkdir } from 'node:fs/promises';
import { z } from 'zod';
import { ensureSearchAttributes, missingSearchAttributes } from '../engines/search-attributes.js';
import { BarrageError } from '../model/errors.js';
import { SEARCH_ATTRIBUTES } from '../model/search-attributes.js';
import { installRuntime } from '../workers/runtime.js';
import { WorkerProcess } from '../workers/worker.js';
import { ask } from './ask-temporal.js';
import type { CommandContext, RegisterCommand } from './context.js';
import { creatingCommand } from './search-attribute-command.js';
import type { Settings } from './settings.js';
import { shownCodeOf } from '../model/error-code.js';

const text = z.string().optional();
const Options = z.object({ connections: text, temporal: text, namespace: text, spool: text, monitorPort: text });

const HELP = `
Temporal is named by TEMPORAL_ADDRESS, a profile of Temporal's own (TEMPORAL_PROFILE, with TLS and API keys), or
--temporal; MongoDB by MONGODB_URI. A worker registers the search attributes of rooms; where it may not, and they
are not there, it says what an administrator types.
More workers, here or on other machines, share the rooms without any setting.
What MongoDB does not take is kept in the spool, in the data folder, and goes there when it does.
Ctrl-C and SIGTERM close the connections, store what was accepted, and end with exit code 0.

Examples:
  $ TEMPORAL_ADDRESS=temporal:7233 MONGODB_URI=mongodb://db/ barrage worker
  $ barrage worker --connections 100 --spool /var/lib/barrage/spool
  $ barrage worker --config - < settings.json`;

export const registerWorker: RegisterCommand = (program, host) => {
  program
    .command('worker')
    .description('run a worker, beside a Temporal and a MongoDB that are there')
    .option('--connections <number>', 'rooms it holds at once (worker.connections)')
    .option('--temporal <host:port>', 'the frontend of Temporal (temporal.address)')
    .option('--namespace <name>', 'namespace of Temporal (temporal.namespace)')
    .option('--spool <folder>', 'where workers of this machine keep their spools (spool.folder)')
    .option('--monitor-port <port>', 'port of /metrics and /healthz, 0 for any (monitor.port)')
    .addHelpText('after', HELP)
    .action(host.action(Options, runWorker));
};

async function runWorker(context: CommandContext, options: z.output<typeof Options>): Promise<void> {
  const settings = await context.settings({
    'worker.connections': { flag: '--connections', value: options.connections },
    'temporal.address': { flag: '--temporal', value: options.temporal },
    'temporal.namespace': { flag: '--namespace', value: options.namespace },
    'spool.folder': { flag: '--spool', value: options.spool },
    'monitor.port': { flag: '--monitor-port', value: options.monitorPort },
  });
  const log = await context.log();
  await registerSearchAttributes(context);
  const sdkMetricsUrl = await installRuntime(log);
  await makeSpoolFolder(settings);
  const { config, temporal } = settings;
  const { options: connection, namespace } = temporal;
  const worker = await WorkerProcess.start({ config, temporal: connection, namespace, log, sdkMetricsUrl });
  const stop = (): void => void worker.stop();
  context.signal.addEventListener('abort', stop, { once: true });
  if (process.connected) process.once('disconnect', stop); // whoever started us is gone
  if (context.signal.aborted) stop();
  const { workerId, monitorUrl } = worker;
  const { folder } = config.spool;
  context.out.result({ ready: { workerId, monitorUrl, spool: folder, pid: process.pid } }, () =>
    [`Worker ${workerId} is ready.`, `Metrics: ${monitorUrl}/metrics.`, `Spool: ${folder}.`].join(' '),
  );
  await worker.done;
}

/** A room tells its state by them: without them Temporal starts none, and takes no step of one that somebody started. */
async function registerSearchAttributes(context: CommandContext): Promise<void> {
  const temporal = await context.temporal();
  const { connection, namespace } = temporal;
  try {
    await ask(temporal, () => ensureSearchAttributes(connection, namespace, SEARCH_ATTRIBUTES));
  } catch (error) {
    if (!(error instanceof BarrageError) || error.code !== 'TEMPORAL_REFUSED') throw error;
    const missing = await ask(temporal, () => missingSearchAttributes(connection, namespace, SEARCH_ATTRIBUTES));
    const names = Object.keys(missing).join(', ');
    if (names === '') return;
    throw new BarrageError(
      'TEMPORAL_REFUSED',
      `No room can run: the namespace "${namespace}" lacks the search attributes ${names}, and this worker may not register them ` +
        `(${error.message.replace(/\.$/, '')}); an administrator does so with ${creatingCommand(namespace, missing)}.`,
    );
  }
}

async function makeSpoolFolder({ config, originOf }: Settings): Promise<void> {
  const { folder } = config.spool;
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 });
  } catch (error) {
    const from = originOf('spool.folder').name;
    throw new BarrageError(
      'BAD_CONFIG',
      `The spool folder ${folder} (from ${from}) cannot be made (${shownCodeOf(error)}).`,
    );
  }
}
