import type { Command, CommanderError } from 'commander';
import { BarrageError } from '../model/errors.js';
import { didYouMean } from './nearest.js';

/** What is wrong with a command line, in one sentence with the nearest right word. */
export function usageError({ code, message }: CommanderError, program: Command, argv: readonly string[]): BarrageError {
  const quoted = /'([^']*)'/.exec(message)?.[1] ?? '';
  switch (code) {
    case 'commander.unknownCommand':
      return refuse(`There is no command "${quoted}"${didYouMean(quoted, commandNames(commandOf(program, argv)))}`);
    case 'commander.unknownOption':
      return refuse(
        `There is no option ${quoted}${didYouMean(quoted, [...optionNames(program), ...optionNames(commandOf(program, argv))])}`,
      );
    default: {
      const [first = ''] = message.replace(/^error: /, '').split('\n');
      return refuse(`${first.charAt(0).toUpperCase()}${first.slice(1).replace(/\.$/, '')}.`);
    }
  }
}

const refuse = (sentence: string): BarrageError => new BarrageError('BAD_USAGE', sentence);

/** The one that the words of the command line lead to. */
function commandOf(program: Command, argv: readonly string[]): Command {
  return argv.reduce((at, word) => at.commands.find((child) => child.name() === word) ?? at, program);
}

const commandNames = (command: Command): string[] => command.commands.map((child) => child.name());

const optionNames = (command: Command): string[] => command.options.map((option) => option.long ?? option.flags);
