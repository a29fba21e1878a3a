import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { z } from 'zod';
import { choose, parseOptions, runProgram, say, tell, wordsOf } from '../program/program.js';
import { PARTS } from './catalogue.js';
import { machineLines } from './machine.js';
import { partMarkdown } from './markdown.js';
import type { Part, PartOutcome, Row } from './part.js';

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

interface Result {
  part: string;
  ok: boolean;
  rows: Row[];
  /** Why it could not be measured. */
  failure?: string;
}

function commandLine(): { options: Options; parts: readonly Part[] } {
  const text = { type: 'string' } as const;
  const flag = { type: 'boolean' } as const;
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { list: flag, json: flag, help: flag, out: text, seed: text },
  });
  return { options: parseOptions(Options, values), parts: choose(positionals, PARTS, 'part') };
}

/** Everything that is printed for people, kept for the file. */
class Pages {
  readonly #pages: string[] = [];

  constructor(private readonly folder: string | undefined) {}

  add(page: string): void {
    this.#pages.push(page);
    say(`${page}\n`);
  }

  /** After each part, so that what is done is there whatever comes. */
  async write(pictures: PartOutcome['pictures'] = []): Promise<void> {
    if (this.folder === undefined) return;
    await mkdir(this.folder, { recursive: true });
    await writeFile(join(this.folder, 'bench.md'), `${this.#pages.join('\n\n')}\n`);
    for (const { file, svg } of pictures) await writeFile(join(this.folder, file), svg);
  }
}

async function runPart(part: Part, pages: Pages, { seed }: Options, signal: AbortSignal): Promise<Result> {
  tell(`${part.name}: ${part.about}`);
  const report = (line: string): void => tell(`${part.name}: ${line}`);
  let outcome: PartOutcome;
  try {
    outcome = await part.run({ seed, env: process.env, report, signal });
  } catch (error) {
    tell(`${part.name}: could not be measured: ${wordsOf(error)}`);
    return { part: part.name, ok: false, rows: [], failure: wordsOf(error) };
  }
  pages.add(partMarkdown(part.name, part.about, outcome));
  await pages.write(outcome.pictures);
  const { rows } = outcome;
  return { part: part.name, ok: rows.length > 0 && rows.every(({ ok }) => ok), rows };
}

async function runAll(parts: readonly Part[], options: Options, signal: AbortSignal): Promise<boolean> {
  const pages = new Pages(options.out);
  pages.add((await machineLines()).join('\n\n'));
  const results: Result[] = [];
  for (const part of parts) {
    if (signal.aborted) break;
    results.push(await runPart(part, pages, options, signal));
  }
  const ok = results.length === parts.length && results.every((result) => result.ok);
  const missed = results.filter((result) => !result.ok).map(({ part }) => part);
  say(ok ? `Every target was reached (seed ${options.seed}).` : `NOT every target was reached: ${missed.join(', ')}.`);
  if (options.json) say(JSON.stringify({ ok, parts: results }));
  return ok;
}

async function run({ options, parts }: ReturnType<typeof commandLine>, signal: AbortSignal): Promise<number> {
  if (options.list) {
    for (const { name, about } of parts) say(`${name.padEnd(10)} ${about}`);
    return 0;
  }
  return (await runAll(parts, options, signal)) ? 0 : 1;
}

process.exitCode = await runProgram(USAGE, commandLine, run);
