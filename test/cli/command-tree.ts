import type { Command } from 'commander';
import { loadCommands } from '../../src/cli/commands.js';
import { createProgram } from '../../src/cli/run-cli.js';

/** The program, for looking at; none of its commands does anything. */
const PROGRAM = createProgram({ action: () => async () => undefined }, await loadCommands([]));

/** Every command with the words that call it, the program itself first: `[]`, `['room']`, `['room', 'start']`. */
export function allCommands(command = PROGRAM, path: readonly string[] = []): [string[], Command][] {
  return [
    [[...path], command] as [string[], Command],
    ...command.commands.flatMap((child) => allCommands(child, [...path, child.name()])),
  ];
}

/** What `--help` prints, at that width of the terminal. */
export function helpOf(command: Command, columns: number): string {
  let text = '';
  command
    .configureOutput({
      writeOut: (chunk) => (text += chunk),
      getOutHelpWidth: () => columns,
      getOutHasColors: () => false,
    })
    .outputHelp();
  return text;
}
