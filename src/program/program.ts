import type { z } from 'zod';

/** A line on standard output: a result. */
export const say = (line: string): void => void process.stdout.write(`${line}\n`);
/** A line on standard error: progress, and what is wrong. */
export const tell = (line: string): void => void process.stderr.write(`${line}\n`);

/** An error in words, whatever was thrown. */
export const wordsOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** Options of a command line as the schema has them. Throws a `RangeError` that names the one that is wrong. */
export function parseOptions<Schema extends z.ZodType>(schema: Schema, values: unknown): z.output<Schema> {
  const parsed = schema.safeParse(values);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new RangeError(`--${String(issue?.path[0])}: ${issue?.message}`);
}

/** Those of `all` that are named, or all where none is. Throws a `RangeError` for a name that is none; `what` says of what. */
export function choose<Item extends { readonly name: string }>(
  names: readonly string[],
  all: readonly Item[],
  what: string,
): readonly Item[] {
  if (names.length === 0) return all;
  return names.map((name) => {
    const item = all.find((one) => one.name === name);
    if (!item) throw new RangeError(`there is no ${what} "${name}"; they are ${all.map((one) => one.name).join(', ')}`);
    return item;
  });
}

/**
 * Runs a developer's program to its end: a wrong command line is told with the usage (exit code 2), `--help` prints it, the first Ctrl-C or SIGTERM aborts
 * `signal`, the second ends the process with 130.
 * @param commandLine throws what is wrong with it
 * @returns the exit code
 */
export async function runProgram<Given extends { options: { help: boolean } }>(
  usage: string,
  commandLine: () => Given,
  run: (given: Given, signal: AbortSignal) => Promise<number>,
): Promise<number> {
  let given: Given;
  try {
    given = commandLine();
  } catch (error) {
    tell(`${wordsOf(error)}\n\n${usage}`);
    return 2;
  }
  if (given.options.help) {
    say(usage);
    return 0;
  }
  const ending = new AbortController();
  const end = (): void => {
    if (ending.signal.aborted) process.exit(130);
    tell('Ending; a second Ctrl-C ends at once.');
    ending.abort(new Error('it was interrupted'));
  };
  process.on('SIGINT', end).on('SIGTERM', end);
  return run(given, ending.signal);
}
