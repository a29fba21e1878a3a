import { parseArgs } from 'node:util';
import { z } from 'zod';
import { choose, parseOptions, runProgram, say } from '../program/program.js';
import { PARTS } from './catalogue.js';
import { assertTemporaryFilesOnDisk, machineLines } from './machine.js';
import type { Part } from './part.js';
import { Pages, runParts } from './run-parts.js';
import { extentFrom } from './system/extent.js';

const USAGE = `Usage: npm run bench -- [NAME…] [options]

Measures barrage, part by part, against what was promised and against the published clients. Without a name: all parts.

  --list       what there is
  --seed S     of everything that is drawn at random (default: 1)
  --out DIR    writes the tables (bench.md) and the plots (SVG) into this folder, which is made when missing
  --json       the last line on standard output is one JSON object
  --help

Exit code: 0 where every target was reached, 1 where one was not, 2 for a wrong command line.`;

const Options = z.object({
  list: z.boolean().default(false),
  json: z.boolean().default(false),
  help: z.boolean().default(false),
  out: z.string().min(1).optional(),
  seed: z.coerce.number().int().min(0).max(4_294_967_295).default(1),
});
type Options = z.output<typeof Options>;

function commandLine(): { options: Options; parts: readonly Part[] } {
  const text = { type: 'string' } as const;
  const flag = { type: 'boolean' } as const;
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { list: flag, json: flag, help: flag, out: text, seed: text },
  });
  return { options: parseOptions(Options, values), parts: choose(positionals, PARTS, 'part') };
}

async function runAll(parts: readonly Part[], options: Options, signal: AbortSignal): Promise<boolean> {
  const { isShort } = extentFrom(process.env);
  const pages = new Pages(options.out);
  await pages.add([...(await machineLines()), ...(isShort ? [SHORTENED] : [])].join('\n\n'));
  const results = await runParts(parts, { seed: options.seed, env: process.env, signal }, pages);
  const missed = results.filter((result) => !result.ok).map(({ part }) => part);
  const ok = missed.length === 0;
  say(ok ? `Every target was reached (seed ${options.seed}).` : `NOT every target was reached: ${missed.join(', ')}.`);
  if (isShort) say(SHORTENED);
  if (options.json) say(JSON.stringify({ ok, ...(isShort && { shortened: true }), parts: results }));
  return ok;
}

const SHORTENED = 'Shortened by BENCH_SECONDS, BENCH_ROOMS or BENCH_ROUNDS: these figures promise nothing.';

async function run({ options, parts }: ReturnType<typeof commandLine>, signal: AbortSignal): Promise<number> {
  if (options.list) {
    for (const { name, about } of parts) say(`${name.padEnd(10)} ${about}`);
    return 0;
  }
  await assertTemporaryFilesOnDisk();
  return (await runAll(parts, options, signal)) ? 0 : 1;
}

process.exitCode = await runProgram(USAGE, commandLine, run);
