import { parseArgs } from 'node:util';
import { z } from 'zod';
import { choose, parseOptions, runProgram, say, tell, wordsOf } from '../program/program.js';
import { DRILLS } from './catalogue.js';
import type { Drill } from './drill.js';
import { runDrill, type DrillResult } from './run-drill.js';
import { tableOf } from './table.js';

const USAGE = `Usage: npm run drill -- [NAME…] [options]

Runs the whole system (Temporal, MongoDB, workers, a simulated platform), injects faults at random moments, and compares
every event with the platform's ledger. Without a name: all of them.

  --list         what there is
  --faults N     how often each fault is injected; default: as each drill says, a quarter of an hour for all
  --seed S       of traffic and faults (default: the time); printed, so that a run can be repeated
  --rooms N      rooms, for every drill
  --rate N       messages a second over all rooms, for every drill
  --keep         keeps data and logs of a drill that is not ok, and says where
  --json         the last line on standard output is one JSON object
  --help

Exit code: 0 where everything is ok, 1 where something is not, 2 for a wrong command line.`;

const whole = (min: number, max: number) => z.coerce.number().int().min(min).max(max).optional();
const Options = z.object({
  list: z.boolean().default(false),
  json: z.boolean().default(false),
  keep: z.boolean().default(false),
  help: z.boolean().default(false),
  faults: whole(1, 1_000_000),
  seed: whole(0, 4_294_967_295),
  rooms: whole(1, 5_000),
  rate: whole(1, 50_000),
});
type Options = z.output<typeof Options>;

function commandLine(): { options: Options; drills: readonly Drill[] } {
  const text = { type: 'string' } as const;
  const flag = { type: 'boolean' } as const;
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { list: flag, json: flag, keep: flag, help: flag, faults: text, seed: text, rooms: text, rate: text },
  });
  return { options: parseOptions(Options, values), drills: choose(positionals, DRILLS, 'drill') };
}

async function runAll(drills: readonly Drill[], options: Options, signal: AbortSignal): Promise<boolean> {
  const { seed = Date.now() % 1_000_000, faults, rooms, rate, json, keep } = options;
  const results: DrillResult[] = [];
  const failed: { name: string; ok: false; seed: number; error: string }[] = [];
  for (const drill of drills) {
    if (signal.aborted) break;
    try {
      const result = await runDrill(drill, { seed, faults, rooms, rate, keep, env: process.env, report: tell, signal });
      results.push(result);
      if (result.ok) tell(`${drill.name}: ok, ${result.sent} sent, ${result.stored} stored`);
      for (const complaint of result.complaints) tell(`${drill.name}: NOT OK: ${complaint}`);
    } catch (error) {
      failed.push({ name: drill.name, ok: false, seed, error: wordsOf(error) });
      tell(`${drill.name}: could not be run: ${wordsOf(error)}`);
    }
  }
  const ok = results.length === drills.length && results.every((result) => result.ok);
  for (const line of tableOf(results)) say(line);
  say(ok ? `All as promised (seed ${seed}).` : `NOT as promised (seed ${seed}).`);
  if (json) say(JSON.stringify({ ok, drills: [...results, ...failed] }));
  return ok;
}

async function run({ options, drills }: ReturnType<typeof commandLine>, signal: AbortSignal): Promise<number> {
  if (options.list) {
    for (const { name, fault, shows } of drills) say(`${name.padEnd(14)} ${fault}\n${' '.repeat(15)}${shows}`);
    return 0;
  }
  return (await runAll(drills, options, signal)) ? 0 : 1;
}

process.exitCode = await runProgram(USAGE, commandLine, run);
