import { EXIT_CODES } from '../../src/cli/exit-codes.js';
import { OTHER_VARIABLES, WELL_KNOWN_VARIABLES } from '../../src/cli/settings-sources.js';
import { type Setting, SETTINGS } from '../../src/cli/settings-tree.js';
import { allCommands, helpOf } from './command-tree.js';

const GENERATED = 'Generated from the code; `npx vitest run test/cli/reference.test.ts -u` writes it anew.';

/** `docs/configuration.md` */
export function configurationPage(): string {
  const sections = new Map<string, Setting[]>();
  for (const setting of SETTINGS) {
    const name = setting.key.split('.').slice(0, -1).join('.');
    sections.set(name, [...(sections.get(name) ?? []), setting]);
  }
  return `# Configuration

<!-- ${GENERATED} -->

Every setting has a default that works. Values come from four places; a later one wins:

1. the default,
2. the file \`barrage.config.json\` in the current folder, or the one that \`--config\` or \`BARRAGE_CONFIG\` names
   (\`-\` is standard input),
3. the environment: \`BARRAGE_WORKER_CONNECTIONS\` is \`worker.connections\`,
4. flags: \`--set worker.connections=50\`, and those of a command.

\`\`\`json
{
  "store": { "database": "chat" },
  "worker": { "connections": 100 },
  "platforms": { "bilibili": { "cookieFile": "/run/secrets/bilibili" } }
}
\`\`\`

What is not a setting is refused with the nearest one that is; a bad value is refused with what would be right and where
it came from, and nothing starts. \`barrage config\` prints the values with their origins, secrets as \`[secret]\`.
Relative paths count from the current folder.

## Variables that are no settings

| variable | what it does |
|---|---|
${OTHER_VARIABLES.map((name) => `| \`${name}\` | ${OTHERS[name] ?? ''} |`).join('\n')}
| \`XDG_DATA_HOME\` | The data folder is \`barrage\` in it; default \`~/.local/share\`. |
${Object.entries(WELL_KNOWN_VARIABLES)
  .map(([name, key]) => `| \`${name}\` | As \`${key}\`; the variable with our prefix wins over it. |`)
  .join('\n')}
| \`TEMPORAL_*\` | Temporal's own: TLS, API key, headers, and the profile file (\`TEMPORAL_CONFIG_FILE\`, \`TEMPORAL_PROFILE\`), as its SDKs and its CLI read them. |
| \`NO_COLOR\` | No colours, as \`--no-color\`. |

## Settings

${[...sections].map(([name, settings]) => sectionText(name, settings)).join('\n\n')}
`;
}

const OTHERS: Readonly<Record<string, string>> = {
  BARRAGE_CONFIG: 'Names the configuration file, as `--config`.',
  BARRAGE_DATA: 'Names the data folder, as `--data`.',
  BARRAGE_CACHE: 'Where downloaded and built engines are cached; default `XDG_CACHE_HOME` or `~/.cache`.',
  BARRAGE_ENGINES: 'Which engines `up` and `demo` may use: `auto`, `path`, `download` or `build`.',
};

function sectionText(name: string, settings: readonly Setting[]): string {
  const rows = settings.map(
    ({ key, variable, description, expects, defaultValue }) =>
      `| \`${key}\`<br>\`${variable}\` | ${description} | ${cell(expects)} | ${shownDefault(key, defaultValue)} |`,
  );
  return [
    `### ${name}`,
    '',
    '| setting, variable | what it does | a value is | default |',
    '|---|---|---|---|',
    ...rows,
  ].join('\n');
}

const cell = (text: string): string => text.replaceAll('|', '\\|');

function shownDefault(key: string, value: unknown): string {
  if (key === 'spool.folder') return '`spool` in the data folder';
  if (value === undefined) return '';
  return `\`${typeof value === 'string' ? value : JSON.stringify(value)}\``;
}

/** `docs/cli.md` */
export function cliPage(): string {
  const commands = allCommands().filter(([path]) => path.at(-1) !== 'help');
  const codes = Object.values(EXIT_CODES).map(({ code, meaning }) => `| ${code} | ${meaning} |`);
  return `# The command line

<!-- ${GENERATED} -->

Results go to stdout, everything else to stderr. With \`--json\` each result is one line of JSON on stdout, and a failure is
\`{"error": {"code", "message", "help"}}\` as its last line. The first Ctrl-C (and SIGTERM) asks a command to stop cleanly;
a second Ctrl-C ends it at once.

## Exit codes

| code | meaning |
|---|---|
${codes.join('\n')}

${commands.map(([path, command]) => `## ${['barrage', ...path].join(' ')}\n\n\`\`\`text\n${helpOf(command, 100).trimEnd()}\n\`\`\``).join('\n\n')}
`;
}
