import type { Command, CommanderError } from 'commander';
import { BarrageError } from '../model/errors.js';
import { didYouMean } from './nearest.js';

/** What is wrong with a command line, in one sentence with the nearest right word. */
export function usageError({ code, message }: CommanderError, program: Command): BarrageError {
  const quoted = /'([^']*)'/.exec(message)?.[1] ?? '';
  switch (code) {
    case 'commander.unknownCommand':
      return refuse(`There is no command "${quoted}"${didYouMean(quoted, commandNames(program))}`);
    case 'commander.unknownOption':
      return refuse(`There is no option ${quoted}${didYouMean(quoted, optionNames(program))}`);
    default: {
      const [first = ''] = message.replace(/^error: /, '').split('\n');
      return refuse(`${first.charAt(0).toUpperCase()}${first.slice(1).replace(/\.$/, '')}.`);
    }
  }
}

const refuse = (sentence: string): BarrageError => new BarrageError('BAD_USAGE', sentence);

/** With their parents, as they are typed: `room start`. */
const commandNames = (command: Command, prefix = ''): string[] =>
  command.commands.flatMap((child) => {
    const name = `${prefix}${child.name()}`;
    return [name, ...commandNames(child, `${name} `)];
  });

const optionNames = (command: Command): string[] => [
  ...command.options.map((option) => option.long ?? option.flags),
  ...command.commands.flatMap(optionNames),
];
