import { z } from 'zod';
import { BarrageError } from '../model/errors.js';
import { didYouMean } from './nearest.js';
import { isSection, type Setting, SETTINGS, settingOf } from './settings-tree.js';

/** Where a value came from; `name` is what a person would look for: a file, a variable, a flag. */
export interface Origin {
  kind: 'default' | 'file' | 'environment' | 'flag';
  name: string;
}

/** Values by key, each with its origin. A later source overwrites an earlier one. */
export type GivenValues = Map<string, { value: unknown; origin: Origin }>;

/** Flags of a command that are settings: `{ 'worker.connections': { flag: '--connections', value: 50 } }`. Undefined values are skipped. */
export type FlagValues = Readonly<Record<string, { flag: string; value: unknown }>>;

/** Variables with our prefix that are no settings. */
export const OTHER_VARIABLES = ['BARRAGE_CONFIG', 'BARRAGE_DATA', 'BARRAGE_CACHE', 'BARRAGE_ENGINES'];

/** Names that other programs gave to the same thing; ours win over them. */
export const WELL_KNOWN_VARIABLES: Readonly<Record<string, string>> = {
  MONGODB_URI: 'store.uri',
  TEMPORAL_ADDRESS: 'temporal.address',
  TEMPORAL_NAMESPACE: 'temporal.namespace',
};

const Tree = z.record(z.string(), z.unknown());

/** Reads the text of a configuration file. Throws `BAD_CONFIG`. */
export function fromFile(text: string, name: string, given: GivenValues): void {
  let tree: unknown;
  try {
    tree = JSON.parse(text);
  } catch (error) {
    const reason = error instanceof SyntaxError ? positionIn(text, error.message) : '';
    throw refuse(`${name} is not JSON${reason}.`);
  }
  fromTree(tree, '', { kind: 'file', name }, given);
}

/** Reads a nested tree of values, such as a file's. Throws `BAD_CONFIG` for a key that does not exist. */
function fromTree(tree: unknown, prefix: string, origin: Origin, given: GivenValues): void {
  const parsed = Tree.safeParse(tree);
  if (!parsed.success) {
    const what = prefix === '' ? origin.name : `${prefix} (${origin.name})`;
    throw refuse(`${what} must be an object of settings, in braces.`);
  }
  for (const [name, value] of Object.entries(parsed.data)) {
    const key = prefix === '' ? name : `${prefix}.${name}`;
    if (settingOf(key)) given.set(key, { value, origin });
    else if (isSection(key)) fromTree(value, key, origin, given);
    else if (key !== '$schema') throw unknownKey(key, origin.name);
  }
}

/** Reads `BARRAGE_*`, and the names everybody uses. Empty ones count as absent. Throws `BAD_CONFIG` for a variable that does not exist. */
export function fromEnvironment(env: NodeJS.ProcessEnv, given: GivenValues): void {
  for (const [name, key] of Object.entries(WELL_KNOWN_VARIABLES)) {
    const text = env[name];
    if (text) given.set(key, { value: text, origin: { kind: 'environment', name } });
  }
  const known = new Map(SETTINGS.map((setting) => [setting.variable, setting]));
  for (const [name, text] of Object.entries(env)) {
    if (!name.startsWith('BARRAGE_') || OTHER_VARIABLES.includes(name)) continue;
    const setting = known.get(name);
    if (!setting) {
      const names = [...known.keys(), ...OTHER_VARIABLES];
      throw refuse(`The environment sets ${name}, which is no setting${didYouMean(name, names)}`);
    }
    if (text) given.set(setting.key, { value: valueOf(setting, text), origin: { kind: 'environment', name } });
  }
}

/** Reads `key=value`, as of `--set`. Throws `BAD_CONFIG`. */
export function fromSet(text: string, given: GivenValues): void {
  const [, key = '', value = ''] = /^([^=]+)=(.*)$/s.exec(text) ?? [];
  if (key === '') throw refuse(`--set takes key=value, as worker.connections=50; it got a text without that form.`);
  const setting = settingOf(key);
  if (!setting) throw unknownKey(key, '--set');
  given.set(key, { value: valueOf(setting, value), origin: { kind: 'flag', name: '--set' } });
}

/** Takes the flags of a command; those with a text are read as in the environment. */
export function fromFlags(flags: FlagValues, given: GivenValues): void {
  for (const [key, { flag, value }] of Object.entries(flags)) {
    const setting = settingOf(key);
    if (value === undefined || !setting) continue;
    const typed = typeof value === 'string' ? valueOf(setting, value) : value;
    given.set(key, { value: typed, origin: { kind: 'flag', name: flag } });
  }
}

/** What a text means where that kind is expected; a text that means nothing there stays one, for the schema to refuse. */
function valueOf({ kind }: Setting, text: string): unknown {
  switch (kind) {
    case 'number':
      return /^-?\d+(\.\d+)?$/.test(text.trim()) ? Number(text) : text;
    case 'boolean':
      return text === 'true' ? true : text === 'false' ? false : text;
    case 'list':
      return text === '' ? [] : text.split(',').map((part) => part.trim());
    case 'text':
      return text;
  }
}

function unknownKey(key: string, where: string): BarrageError {
  const keys = SETTINGS.map((setting) => setting.key);
  const sameName = keys.filter((known) => known.split('.').at(-1) === key.split('.').at(-1));
  const [only] = sameName;
  const hint = sameName.length === 1 && only !== undefined ? `; did you mean ${only}?` : didYouMean(key, keys);
  return refuse(`${where} names ${key.slice(0, 100)}, which is no setting${hint}`);
}

/** V8's message quotes the text, which may hold a cookie; only the place is told. */
function positionIn(text: string, message: string): string {
  const at = /position (\d+)/.exec(message)?.[1];
  if (at === undefined) return '';
  return ` (see line ${text.slice(0, Number(at)).split('\n').length})`;
}

const refuse = (sentence: string): BarrageError => new BarrageError('BAD_CONFIG', sentence);
