/** The simulated platform as a program of its own. */
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { parseArgs } from 'node:util';
import { z } from 'zod';
import { helpText } from './help.js';
import { FAULT_PRESET, SimulatorOptions, type SimulatorInput } from './options.js';
import { startSimulator, type Simulator } from './simulator.js';

const REPORT_EVERY_MS = 5_000;

/** Exit codes: 0 ended as asked, 1 failed, 2 the command line is wrong. */
async function main(): Promise<number> {
  const { values } = parseArgs({ options: argumentTypes(), strict: true });
  if (values['help'] === true) {
    console.log(helpText());
    return 0;
  }
  const simulator = await startSimulator(inputFrom(values));
  const replay = values['replay'];
  if (typeof replay === 'string') {
    const room = simulator.rooms[0];
    if (room) await simulator.replay(room.face.roomId, replay);
  }
  announce(simulator, typeof replay === 'string' ? replay : undefined);
  const report = setInterval(() => console.log(statusLine(simulator)), REPORT_EVERY_MS);
  await untilInterrupted();
  clearInterval(report);
  await simulator.close();
  console.log(statusLine(simulator));
  if (typeof values['ledger'] === 'string') await writeLedger(simulator, values['ledger']);
  return 0;
}

/** `--extra-hosts` for `extraHosts`. */
const flagOf = (name: string): string => name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);

function argumentTypes() {
  const types: Record<string, { type: 'string' | 'boolean'; short?: string }> = {
    help: { type: 'boolean', short: 'h' },
    faults: { type: 'boolean' },
    replay: { type: 'string' },
    ledger: { type: 'string' },
  };
  for (const name of SimulatorOptions.keyof().options) if (name !== 'faults') types[flagOf(name)] = { type: 'string' };
  return types;
}

function inputFrom(values: Readonly<Record<string, unknown>>): SimulatorInput {
  const input: Record<string, unknown> = { faults: values['faults'] === true ? FAULT_PRESET : {} };
  for (const name of SimulatorOptions.keyof().options) {
    const value = values[flagOf(name)];
    if (typeof value !== 'string') continue;
    const isText = name === 'host' || name === 'cadence';
    input[name] = isText ? value : name === 'tcp' ? value !== 'false' : Number(value);
  }
  return SimulatorOptions.parse(input);
}

function announce(simulator: Simulator, replay: string | undefined): void {
  const { url, sockets, rooms } = simulator;
  const first = rooms[0]?.face.roomId ?? 0;
  console.log(`The simulated platform listens on ${url} (stop with Ctrl-C).`);
  console.log(`  sockets    ${sockets.hosts.map(({ endpoint }) => `ws://${endpoint}/sub`).join('  ')}`);
  if (sockets.tcpPort !== 0) console.log(`  plain TCP  ${simulator.options.host}:${sockets.tcpPort}`);
  console.log(
    `  rooms      ${first} (the most popular) … of ${simulator.options.rooms}; short ids ${rooms[0]?.face.shortId ?? ''}…`,
  );
  if (replay !== undefined) console.log(`  replay     room ${first} plays ${replay}`);
  console.log('  to use it  npm run simulator -- --help');
}

function statusLine(simulator: Simulator): string {
  const { connections, messagesSent, requests, faults } = simulator.stats();
  const asked = Object.values(requests).reduce((sum, count) => sum + count, 0);
  const wrong = Object.values(faults).reduce((sum, count) => sum + count, 0);
  return `${new Date().toISOString()}  connections ${connections}  messages sent ${messagesSent}  requests ${asked}  faults ${wrong}`;
}

const untilInterrupted = (): Promise<void> =>
  new Promise((done) => {
    process.once('SIGINT', () => done());
    process.once('SIGTERM', () => done());
  });

async function writeLedger(simulator: Simulator, file: string): Promise<void> {
  const out = createWriteStream(file);
  for (const line of simulator.ledger.dump()) if (!out.write(`${line}\n`)) await once(out, 'drain');
  await new Promise<void>((done, failed) => {
    out.on('error', failed).end(() => done());
  });
  console.log(`The ledger is in ${file}.`);
}

const explain = (error: unknown): string =>
  error instanceof z.ZodError
    ? error.issues.map(({ path, message }) => `--${flagOf(path.join('.'))}: ${message}`).join('\n')
    : error instanceof Error
      ? error.message
      : String(error);

main().then(
  (code) => process.exit(code),
  (error: unknown) => {
    console.error(explain(error));
    process.exit(error instanceof z.ZodError || (error instanceof TypeError && 'code' in error) ? 2 : 1);
  },
);
