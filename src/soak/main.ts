import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { z } from 'zod';
import { durationMs } from '../cli/duration.js';
import { parseOptions, runProgram, say, tell, wordsOf } from '../program/program.js';
import { writePlots } from './plots.js';
import { runSoak, type SoakResult } from './run-soak.js';
import { tableOf } from './table.js';

const USAGE = `Usage: npm run soak -- [options]

Runs the whole system (Temporal, MongoDB, a worker, a simulated platform with ordinary faults) under a steady load, looks at
what could fill up, compares every event with the platform's ledger, and says what would be full in 30 days.

  --for TIME     how long the load lasts, such as 30m or 8h; default 30m
  --rooms N      default 50
  --rate N       messages a second over all rooms; default 300
  --every TIME   between two looks; default 5s
  --seed S       of traffic and faults (default: the time); printed, so that a run can be repeated
  --out DIR      for the plots (SVG) and samples.jsonl; default ./soak
  --json         the last line on standard output is one JSON object
  --help

Ctrl-C ends the load early; what was seen by then is reported. A slope is taken from the later half.
Exit code: 0 where everything is ok, 1 where something is not, 2 for a wrong command line.`;

const whole = (min: number, max: number) => z.coerce.number().int().min(min).max(max);
const HOUR_MS = 3_600_000;
const Options = z.object({
  for: durationMs(10_000, 30 * 24 * HOUR_MS).default(HOUR_MS / 2),
  rooms: whole(1, 5_000).default(50),
  rate: whole(1, 50_000).default(300),
  every: durationMs(500, HOUR_MS).default(5_000),
  seed: whole(0, 4_294_967_295).optional(),
  out: z.string().min(1).default('soak'),
  json: z.boolean().default(false),
  help: z.boolean().default(false),
});
type Options = z.output<typeof Options>;

function commandLine(): { options: Options } {
  const text = { type: 'string' } as const;
  const flag = { type: 'boolean' } as const;
  const { values } = parseArgs({
    options: { for: text, rooms: text, rate: text, every: text, seed: text, out: text, json: flag, help: flag },
  });
  return { options: parseOptions(Options, values) };
}

async function soak(options: Options, signal: AbortSignal): Promise<boolean> {
  const { rooms, rate, out, json, seed = Date.now() % 1_000_000 } = options;
  const times = { forMs: options.for, everyMs: options.every };
  const { result, samples } = await runSoak({ ...times, rooms, rate, seed, env: process.env, report: tell, signal });
  const plots = await writePlots(samples, out);
  await writeFile(join(out, 'samples.jsonl'), samples.map((sample) => `${JSON.stringify(sample)}\n`).join(''));
  for (const complaint of result.complaints) tell(`NOT OK: ${complaint}`);
  for (const line of tableOf(result.figures)) say(line);
  say('');
  for (const line of summaryOf(result)) say(line);
  say(`${plots.length} plots are in ${out}.`);
  if (json) say(JSON.stringify(result));
  return result.ok;
}

function summaryOf({ ok, seed, seconds, ...counts }: SoakResult): string[] {
  const { sent, stored, lost, duplicated, reconnects, broadcastsEnded } = counts;
  const number = (value: number): string => value.toLocaleString('en');
  return [
    `${number(sent)} sent, ${number(stored)} stored, ${lost} lost, ${duplicated} stored twice; ` +
      `${number(reconnects)} reconnects, ${number(broadcastsEnded)} broadcasts ended and began again.`,
    `${ok ? 'All as promised' : 'NOT as promised'} (${seconds} s, seed ${seed}).`,
  ];
}

async function run({ options }: { options: Options }, signal: AbortSignal): Promise<number> {
  try {
    return (await soak(options, signal)) ? 0 : 1;
  } catch (error) {
    tell(`The soak could not be run: ${wordsOf(error)}`);
    return 1;
  }
}

process.exitCode = await runProgram(USAGE, commandLine, run);
