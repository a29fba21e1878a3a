import { readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { z } from 'zod';
import { BarrageError } from '../model/errors.js';
import { Secret } from '../model/secret.js';
import { BarrageConfig } from '../workers/config.js';
import { withoutCredentials } from './secrets.js';
import {
  type FlagValues,
  fromEnvironment,
  fromFile,
  fromFlags,
  fromSet,
  type GivenValues,
  type Origin,
} from './settings-sources.js';
import { SETTINGS, settingOf } from './settings-tree.js';
import { temporalTarget, type TemporalTarget } from './temporal-target.js';
import { shownCodeOf } from '../model/error-code.js';

export type { FlagValues } from './settings-sources.js';

const CONFIG_FILE = 'barrage.config.json';
const MAX_FILE_BYTES = 1024 * 1024;

/** A value as people may see it, and where it came from. */
export interface ShownSetting {
  key: string;
  value: unknown;
  origin: Origin;
}

/** Every setting, frozen. */
export interface Settings {
  readonly config: BarrageConfig;
  /** Absolute; where spools and the data of embedded engines are kept. */
  readonly dataDir: string;
  /** What was given, as a nested tree before defaults. It holds secrets: only for handing on to a worker of ours. */
  readonly given: Readonly<Record<string, unknown>>;
  /** How to reach Temporal, with what comes from Temporal's own variables and profile file. */
  readonly temporal: TemporalTarget;
  readonly shown: readonly ShownSetting[];
  readonly originOf: (key: string) => Origin;
}

export interface SettingsSources {
  env: NodeJS.ProcessEnv;
  cwd: string;
  /** Of `--config`; `-` reads standard input. */
  configFile?: string | undefined;
  /** Of `--data`. */
  data?: string | undefined;
  set?: readonly string[];
  flags?: FlagValues;
}

/** Brings the settings together: default < file < environment < flag. Throws `BAD_CONFIG` in one sentence that names key, value, remedy and origin. */
export async function loadSettings(sources: SettingsSources): Promise<Settings> {
  const { env, cwd, set = [], flags = {} } = sources;
  const given: GivenValues = new Map();
  await readConfigFile(sources, given);
  fromEnvironment(env, given);
  for (const text of set) fromSet(text, given);
  fromFlags(flags, given);
  const dataDir = resolve(cwd, sources.data || env['BARRAGE_DATA'] || join(userData(env), 'barrage'));
  const parsed = BarrageConfig.safeParse(treeOf(given, { 'spool.folder': join(dataDir, 'spool') }));
  if (!parsed.success) throw problemOf(parsed.error, given);
  const config = deepFreeze(parsed.data);
  const originOf = (key: string): Origin => given.get(key)?.origin ?? { kind: 'default', name: 'default' };
  return Object.freeze({
    config,
    dataDir,
    given: treeOf(given, {}),
    temporal: temporalTarget(config.temporal, env, originOf('temporal.address')),
    shown: SETTINGS.map(({ key }) => ({ key, value: shownValue(config, key), origin: originOf(key) })),
    originOf,
  });
}

const userData = (env: NodeJS.ProcessEnv): string => env['XDG_DATA_HOME'] || join(homedir(), '.local', 'share');

/** One that was named must be there; the default one may be absent. */
async function readConfigFile({ env, cwd, configFile }: SettingsSources, given: GivenValues): Promise<void> {
  const named = configFile ?? (env['BARRAGE_CONFIG'] || undefined);
  if (named === '-') return fromFile(await readInput(), 'standard input', given);
  const name = named ?? CONFIG_FILE;
  let text: string;
  try {
    text = await readFile(resolve(cwd, name), 'utf8');
  } catch (error) {
    const code = shownCodeOf(error);
    if (code === 'ENOENT' && named === undefined) return;
    const why = code === 'ENOENT' ? 'does not exist' : `cannot be read (${code})`;
    const from = configFile === undefined && named !== undefined ? ', which BARRAGE_CONFIG names,' : '';
    throw new BarrageError('BAD_CONFIG', `The configuration file ${name}${from} ${why}.`);
  }
  fromFile(text, name, given);
}

async function readInput(): Promise<string> {
  let text = '';
  for await (const chunk of process.stdin.setEncoding('utf8')) {
    text += String(chunk);
    if (text.length > MAX_FILE_BYTES)
      throw new BarrageError('BAD_CONFIG', 'Standard input is too long for a configuration.');
  }
  return text;
}

/** Nested again, with fallbacks for what was not given. */
function treeOf(given: GivenValues, fallbacks: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const tree: Record<string, unknown> = {};
  const all = new Map<string, unknown>(Object.entries(fallbacks));
  for (const [key, { value }] of given) all.set(key, value);
  if (!all.has('spool.folder')) tree['spool'] = {};
  for (const [key, value] of all) plant(tree, key.split('.'), value);
  return tree;
}

const Branch = z.record(z.string(), z.unknown());

/** Sets a value deep in a tree, making the branches to it. */
export function plant(tree: Record<string, unknown>, [name = '', ...rest]: readonly string[], value: unknown): void {
  if (rest.length === 0) {
    tree[name] = value;
    return;
  }
  const branch = Branch.catch({}).parse(tree[name]);
  tree[name] = branch;
  plant(branch, rest, value);
}

/** The first problem, in one sentence. */
function problemOf(error: z.ZodError, given: GivenValues): BarrageError {
  const [issue] = error.issues;
  const path = issue?.path.map(String) ?? [];
  const setting = path.map((_, at) => settingOf(path.slice(0, at + 1).join('.'))).find((found) => found !== undefined);
  const message = issue?.message ?? 'is wrong';
  if (!setting)
    return new BarrageError('BAD_CONFIG', `${path.join('.') || 'The configuration'}: ${message.replace(/\.$/, '')}.`);
  const entry = given.get(setting.key);
  const isAboutPart = path.length > setting.key.split('.').length;
  const value = setting.isSecret || setting.key === 'store.uri' ? '' : ` is ${excerpt(entry?.value)}`;
  const where = entry ? ` (from ${entry.origin.name})` : ' (the default)';
  // The schemas' own words say more than the type can; zod's stock phrases say less.
  const isStock = /^(Invalid|Too (big|small)|Unrecognized)/.test(message);
  const right = isStock && !isAboutPart ? `it must be ${setting.expects}` : message.replace(/\.$/, '');
  return new BarrageError('BAD_CONFIG', `${setting.key}${value}${where}${value ? ';' : ':'} ${right}.`, {
    key: setting.key,
  });
}

const excerpt = (value: unknown): string => withoutCredentials(JSON.stringify(value) ?? 'absent').slice(0, 80);

function shownValue(config: unknown, key: string): unknown {
  let value: unknown = config;
  for (const name of key.split('.')) value = Branch.safeParse(value).data?.[name];
  if (value instanceof Secret) return value.toString();
  return typeof value === 'string' ? withoutCredentials(value) : value;
}

function deepFreeze<T>(value: T): T {
  if (typeof value !== 'object' || value === null || value instanceof Secret) return value;
  for (const inner of Object.values(value)) deepFreeze(inner);
  return Object.freeze(value);
}
