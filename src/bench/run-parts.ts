import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { say, tell, wordsOf } from '../program/program.js';
import { partMarkdown } from './markdown.js';
import { shown } from './figures.js';
import type { Part, PartOptions, PartOutcome, Row, Table } from './part.js';
import { countStolenTime } from './system/stolen-time.js';

/** What became of one part. */
export interface Result {
  part: string;
  /** Whether it was measured to its end and every target was reached. */
  ok: boolean;
  /** Also of a part that failed: what it had measured until then. */
  rows: Row[];
  /** Why it could not be measured, or not to its end. */
  failure?: string;
}

/** Everything that is printed for people, kept for the file `bench.md`, with the pictures beside it. */
export class Pages {
  readonly #pages: string[] = [];

  /** @param folder is made when missing; nothing is written where it is undefined */
  constructor(private readonly folder: string | undefined) {}

  /** Writes the file anew each time, so that what is done is there whatever comes. */
  async add(page: string, pictures: PartOutcome['pictures'] = []): Promise<void> {
    this.#pages.push(page);
    say(`${page}\n`);
    if (this.folder === undefined) return;
    await mkdir(this.folder, { recursive: true });
    await writeFile(join(this.folder, 'bench.md'), `${this.#pages.join('\n\n')}\n`);
    for (const { file, svg } of pictures) await writeFile(join(this.folder, file), svg);
  }
}

/** Runs parts one after the other. One that fails does not keep the next from running; an interrupt does, and those have a result that says so. */
export async function runParts(
  parts: readonly Part[],
  options: Omit<PartOptions, 'report'>,
  pages: Pages,
): Promise<Result[]> {
  const results: Result[] = [];
  for (const part of parts) {
    const { name } = part;
    if (options.signal.aborted) results.push({ part: name, ok: false, rows: [], failure: 'it was not begun' });
    else results.push(await runPart(part, options, pages));
  }
  return results;
}

async function runPart(part: Part, options: Omit<PartOptions, 'report'>, pages: Pages): Promise<Result> {
  tell(`${part.name}: ${part.about}`);
  const report = (line: string): void => tell(`${part.name}: ${line}`);
  const steps: PartOutcome[] = [];
  const stolenShare = await countStolenTime();
  let failure: string | undefined;
  try {
    for await (const step of part.run({ ...options, report })) steps.push(step);
  } catch (error) {
    failure = wordsOf(options.signal.aborted ? options.signal.reason : error);
    tell(`${part.name}: could not be measured to the end: ${failure}`);
  }
  const outcome = joined(steps);
  const stolen = await stolenShare();
  if (stolen !== undefined)
    outcome.notes.push(`Taken away by the machine’s host meanwhile: ${shown(stolen * 100)} % of the processors.`);
  await pages.add(partMarkdown(part, outcome, failure), outcome.pictures);
  const { rows } = outcome;
  const ok = failure === undefined && rows.length > 0 && rows.every((row) => row.ok);
  return { part: part.name, ok, rows, ...(failure !== undefined && { failure }) };
}

/** The steps of a part as one; tables with the same title are one table, and a note is told once. */
function joined(steps: readonly PartOutcome[]): Required<PartOutcome> {
  const tables = new Map<string, Table>();
  for (const table of steps.flatMap((step) => step.tables ?? [])) {
    const known = tables.get(table.title);
    tables.set(table.title, known ? { ...known, body: [...known.body, ...table.body] } : table);
  }
  return {
    rows: steps.flatMap(({ rows }) => rows),
    tables: [...tables.values()],
    pictures: steps.flatMap(({ pictures = [] }) => pictures),
    notes: [...new Set(steps.flatMap(({ notes = [] }) => notes))],
  };
}
