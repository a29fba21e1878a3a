import { describe, expect, it } from 'vitest';
import { allCommands, helpOf } from './command-tree.js';
import { cliPage, configurationPage } from './reference-pages.js';

describe('the reference', () => {
  it('of settings is what the schemas say (vitest -u writes it anew)', async () => {
    await expect(configurationPage()).toMatchFileSnapshot('../../docs/configuration.md');
  });

  it('of commands is what --help prints (vitest -u writes it anew)', async () => {
    await expect(cliPage()).toMatchFileSnapshot('../../docs/cli.md');
  });

  it.each(allCommands().filter(([, command]) => command.commands.length === 0))(
    'shows an example of `barrage %s`, and every option of it has a description',
    (path, command) => {
      const help = helpOf(command, 200);
      expect(help).toContain(`$ barrage ${path.join(' ')}`);
      expect(command.options.filter(({ description }) => description === '')).toEqual([]);
    },
  );
});
