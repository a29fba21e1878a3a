import { readFile, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { eventJsonSchema } from '../model/event-schema.js';
import type { CommandContext, RegisterCommand } from './context.js';
import { EXIT_CODES } from './exit-codes.js';

const Options = z
  .object({ write: z.boolean().default(false), check: z.boolean().default(false) })
  .refine(({ write, check }) => !(write && check), { path: ['check'], message: 'give --write or --check, not both' });

const FILE_NAME = 'schema/event.schema.json';
const FILE = fileURLToPath(new URL(`../../${FILE_NAME}`, import.meta.url));

const HELP = `
The schema describes a document of events_YYYYMMDD in its JSON form. Numbers of money are integers of the smallest
unit of their currency; times are RFC 3339, in UTC.

Examples:
  $ barrage schema > event.schema.json
  $ barrage schema --check             exit code 1 if ${FILE_NAME} is not what this version writes`;

export const registerSchema: RegisterCommand = (program, host) => {
  program
    .command('schema')
    .description('print the JSON Schema of a stored event')
    .option('--write', `write it to ${FILE_NAME} instead`)
    .option('--check', `say whether ${FILE_NAME} is up to date`)
    .addHelpText('after', HELP)
    .action(host.action(Options, handleSchema));
};

async function handleSchema(
  { out }: CommandContext,
  { write, check }: z.output<typeof Options>,
): Promise<number | void> {
  if (check) {
    const isCurrent = await isPublishedSchemaCurrent();
    const words = isCurrent ? 'is up to date' : 'differs from this version; run `barrage schema --write`';
    out.result({ file: FILE_NAME, isCurrent }, () => `${FILE_NAME} ${words}.`);
    return isCurrent ? EXIT_CODES.ok.code : EXIT_CODES.failed.code;
  }
  if (write) {
    await writeFile(FILE, schemaText());
    out.result({ file: FILE_NAME, isCurrent: true }, () => `Wrote ${FILE_NAME}.`);
    return EXIT_CODES.ok.code;
  }
  out.result(eventJsonSchema(), schemaText);
  return EXIT_CODES.ok.code;
}

const schemaText = (): string => `${JSON.stringify(eventJsonSchema(), undefined, 2)}\n`;

/** Whether the published file is what this version writes. */
export const isPublishedSchemaCurrent = async (): Promise<boolean> =>
  (await readFile(FILE, 'utf8').catch(() => '')) === schemaText();
