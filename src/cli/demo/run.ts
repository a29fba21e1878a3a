import { setTimeout as sleep } from 'node:timers/promises';
import type { Simulator } from '../../simulator/simulator.js';
import { StoreConfig } from '../../store/config.js';
import { openStore } from '../../store/open-store.js';
import type { CommandContext } from '../context.js';
import { shownDuration } from '../duration.js';
import { endRooms, stopLoad } from './ending.js';
import type { DemoOptions } from './options.js';
import { ProgressMeter } from './progress.js';
import { jsonOf, reportOf } from './report.js';
import { DemoScreen } from './screen.js';
import { DemoStack, type Engines } from './stack.js';
import { type Verdict, verdictOf } from './verdict.js';
import type { DemoWorker } from './worker-process.js';
import { ackLogOf, DEMO_DATABASE } from './worker-settings.js';

const LOOK_EVERY_MS = 1_000;
/** Rooms that are not there by then will come during the load, or not at all. */
const ROOMS_WITHIN_MS = 30_000;

interface Demo {
  options: DemoOptions;
  screen: DemoScreen;
  stack: DemoStack;
  engines: Engines;
  simulator: Simulator;
  worker: DemoWorker;
}

/** Runs the demo to its verdict; gives 0 where nothing was lost, stored twice or stored wrongly, otherwise 1. */
export async function runDemo({ out, env, signal }: CommandContext, options: DemoOptions): Promise<number> {
  const screen = new DemoScreen(out);
  const stack = await DemoStack.create();
  try {
    const engines = await stack.startEngines(env, screen.say, signal);
    const simulator = await stack.startSimulator(options);
    const worker = await stack.startWorker(options, engines, simulator.url, { env, signal });
    const demo: Demo = { options, screen, stack, engines, simulator, worker };
    announce(demo);
    await watch(demo, signal);
    const verdict = await conclude(demo);
    for (const line of reportOf(verdict)) screen.say(line);
    screen.say(
      verdict.isClean
        ? out.paint('green', 'Everything that was sent is in MongoDB, once, as it was sent.')
        : out.paint('red', 'What is in MongoDB is not what was sent.'),
    );
    out.json(jsonOf(options, verdict));
    return verdict.isClean ? 0 : 1;
  } finally {
    await stack.stop();
  }
}

function announce({ options, screen, engines, simulator }: Demo): void {
  const { temporal, mongo } = engines;
  const day = new Date().toISOString().slice(0, 10).replaceAll('-', '');
  const show = `db.events_${day}.find({ kind: 'chat' }, { roomId: 1, 'user.name': 1, text: 1 }).limit(10)`;
  const lines = [
    '',
    `Temporal UI   ${temporal.uiUrl}/namespaces/default/workflows`,
    `MongoDB       ${mongo.address}${DEMO_DATABASE}`,
    `to look in    mongosh "${mongo.address}${DEMO_DATABASE}" --eval "${show}"`,
    `platform      ${simulator.url}, simulated: ${options.rooms} rooms, ${options.rate} messages a second${options.faults ? ', with faults' : ''}`,
  ];
  for (const line of lines) screen.say(line);
}

/** Shows how it goes until the time is over, which begins when every room has been connected, or somebody has seen enough. */
async function watch({ options, screen, stack, simulator, worker }: Demo, signal: AbortSignal): Promise<void> {
  const meter = new ProgressMeter(simulator);
  const startedAt = Date.now();
  let endsAt = Number.POSITIVE_INFINITY;
  while (Date.now() < endsAt && !signal.aborted) {
    await stack.mustRun();
    const now = Date.now();
    const isComplete = roomsSeen(simulator) >= options.rooms || now - startedAt > ROOMS_WITHIN_MS;
    if (isComplete && endsAt === Number.POSITIVE_INFINITY) endsAt = now + options.for;
    const page = await worker.metrics();
    if (page !== undefined) screen.show(meter.look(page, now));
    await sleep(Math.max(0, Math.min(LOOK_EVERY_MS, endsAt - Date.now())), undefined, { signal }).catch(
      () => undefined,
    );
  }
}

const roomsSeen = ({ ledger }: Simulator): number =>
  new Set(ledger.connections.flatMap(({ roomId, authenticatedAt }) => (authenticatedAt === undefined ? [] : [roomId])))
    .size;

/** Stops the load, ends the rooms, and compares. Nothing here hurries at a Ctrl-C: the second one ends the process. */
async function conclude({ screen, stack, engines, simulator, worker }: Demo): Promise<Verdict> {
  screen.say('');
  const stoppedAt = Date.now();
  screen.say('The load is over; storing what is under way, ending the rooms …');
  const isStored = await stopLoad(simulator, worker);
  const isEnded = await endRooms(engines.client, simulator, worker);
  if (!isStored || !isEnded)
    screen.say('The spool did not empty in two minutes; what is left in it will be missed below.');
  await worker.stop();
  screen.say(`Ended after ${shownDuration(Date.now() - stoppedAt)}; comparing every document with the ledger …`);
  screen.say('');
  const store = await openStore(StoreConfig.parse({ uri: engines.mongo.address, database: DEMO_DATABASE }));
  try {
    return await verdictOf(simulator, store, ackLogOf(stack.folder));
  } finally {
    await store.close();
  }
}
