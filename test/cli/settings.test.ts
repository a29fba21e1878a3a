import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { loadSettings, type Settings, type SettingsSources } from '../../src/cli/settings.js';
import { SETTINGS } from '../../src/cli/settings-tree.js';
import { BarrageError } from '../../src/model/errors.js';

let cwd: string;
beforeEach(async () => {
  cwd = await mkdtemp(join(tmpdir(), 'barrage-settings-'));
});
afterEach(() => rm(cwd, { recursive: true }));

const NO_PROFILE = { TEMPORAL_CONFIG_FILE: join(tmpdir(), 'no-such-profile.toml') };

const load = (sources: Partial<SettingsSources> = {}): Promise<Settings> =>
  loadSettings({ cwd, ...sources, env: { ...NO_PROFILE, ...sources.env } });

const writeConfig = (content: unknown, name = 'barrage.config.json'): Promise<void> =>
  writeFile(join(cwd, name), typeof content === 'string' ? content : JSON.stringify(content));

const refusal = async (sources: Partial<SettingsSources> = {}): Promise<string> => {
  const error: unknown = await load(sources).then(
    () => new Error('it was accepted'),
    (reason: unknown) => reason,
  );
  if (!(error instanceof BarrageError)) throw error;
  expect(error.code).toBe('BAD_CONFIG');
  expect(error.message).toMatch(/^[^\n]+[.?]$/);
  return error.message;
};

describe('the settings, where they come from', () => {
  it('are the defaults, with the spool in the data folder, when nobody says anything', async () => {
    const { config, dataDir, originOf, temporal } = await load();
    expect(dataDir).toBe(join(homedir(), '.local/share/barrage'));
    expect(config.spool.folder).toBe(join(dataDir, 'spool'));
    expect(config.worker.connections).toBe(150);
    expect(originOf('worker.connections')).toEqual({ kind: 'default', name: 'default' });
    expect(temporal).toMatchObject({ address: 'localhost:7233', namespace: 'default', isNamed: false });
  });

  it('rise from file to environment to --set to a flag, and each value tells its origin', async () => {
    await writeConfig({ worker: { connections: 1, connectsPerSecond: 1, lingerMs: 1, statusEveryMs: 1001 } });
    const env = {
      BARRAGE_WORKER_CONNECTS_PER_SECOND: '2',
      BARRAGE_WORKER_LINGER_MS: '2',
      BARRAGE_WORKER_STATUS_EVERY_MS: '1002',
    };
    const set = ['worker.lingerMs=3', 'worker.statusEveryMs=1003'];
    const flags = { 'worker.statusEveryMs': { flag: '--status-every', value: '1004' } };
    const { config, originOf } = await load({ env, set, flags });
    expect(config.worker).toMatchObject({ connections: 1, connectsPerSecond: 2, lingerMs: 3, statusEveryMs: 1004 });
    expect(
      ['connections', 'connectsPerSecond', 'lingerMs', 'statusEveryMs'].map((name) => originOf(`worker.${name}`).name),
    ).toEqual(['barrage.config.json', 'BARRAGE_WORKER_CONNECTS_PER_SECOND', '--set', '--status-every']);
  });

  it('name the file by --config, else by BARRAGE_CONFIG, else barrage.config.json in the current folder', async () => {
    await writeConfig({ log: { level: 'debug' } });
    await writeConfig({ log: { level: 'warn' } }, 'env.json');
    await writeConfig({ log: { level: 'error' } }, 'flag.json');
    const env = { BARRAGE_CONFIG: 'env.json' };
    expect((await load()).config.log.level).toBe('debug');
    expect((await load({ env })).config.log.level).toBe('warn');
    expect((await load({ env, configFile: 'flag.json' })).config.log.level).toBe('error');
  });

  it('put the data where --data, BARRAGE_DATA or XDG_DATA_HOME say, in that order', async () => {
    const env = { XDG_DATA_HOME: '/xdg' };
    expect((await load({ env })).dataDir).toBe('/xdg/barrage');
    expect((await load({ env: { ...env, BARRAGE_DATA: 'here' } })).dataDir).toBe(join(cwd, 'here'));
    expect((await load({ env: { ...env, BARRAGE_DATA: 'here' }, data: '/there' })).dataDir).toBe('/there');
  });

  it('read a text of the environment as what the key is: number, truth, list, choice', async () => {
    const env = {
      BARRAGE_DISCOVERY_ENABLED: 'false',
      BARRAGE_DISCOVERY_AREAS: '1, 9',
      BARRAGE_DISCOVERY_RETIRE_BELOW: '2.5',
      BARRAGE_PLATFORMS_BILIBILI_PROTOVER: '2',
      BARRAGE_PLATFORMS_BILIBILI_LIMITS_MAX_PACKETS: '99',
    };
    const { config } = await load({ env });
    expect(config.discovery).toMatchObject({ enabled: false, areas: ['1', '9'], retireBelow: 2.5 });
    expect(config.platforms.bilibili).toMatchObject({ protover: 2, limits: { maxPackets: 99 } });
  });

  it('take an empty variable for an absent one', async () => {
    const { config } = await load({ env: { BARRAGE_WORKER_CONNECTIONS: '', MONGODB_URI: '', BARRAGE_CONFIG: '' } });
    expect(config.worker.connections).toBe(150);
  });

  it('can each be set by a variable of their own', () => {
    const variables = SETTINGS.map(({ variable }) => variable);
    expect(new Set(variables).size).toBe(SETTINGS.length);
    expect(variables).toContain('BARRAGE_PLATFORMS_BILIBILI_USER_AGENT');
    expect(SETTINGS.filter(({ description }) => description === '').map(({ key }) => key)).toEqual([
      'discovery.platform',
    ]);
  });

  it('cannot be changed afterwards', async () => {
    const { config } = await load();
    expect(() => Object.assign(config.worker, { connections: 1 })).toThrow(TypeError);
  });
});

describe('well-known names', () => {
  it('name MongoDB and Temporal, over the file and below the variables of our own', async () => {
    await writeConfig({ store: { uri: 'mongodb://file/' }, temporal: { address: 'file:1' } });
    const env = { MONGODB_URI: 'mongodb://env/', TEMPORAL_ADDRESS: 'env:1', TEMPORAL_NAMESPACE: 'envs' };
    const known = await load({ env });
    expect(known.config.store.uri).toBe('mongodb://env/');
    expect(known.temporal).toMatchObject({ address: 'env:1', namespace: 'envs', isNamed: true });
    const ours = await load({ env: { ...env, BARRAGE_STORE_URI: 'mongodb://ours/', BARRAGE_TEMPORAL_ADDRESS: 'o:1' } });
    expect(ours.config.store.uri).toBe('mongodb://ours/');
    expect(ours.temporal.options.address).toBe('o:1');
  });

  it("take TLS, API key and headers from Temporal's profile file, whoever gives the address", async () => {
    const profile = '[profile.default]\naddress = "cloud:7233"\nnamespace = "mine"\napi_key = "key-1234567"\n';
    await writeFile(join(cwd, 'temporal.toml'), profile);
    const env = { TEMPORAL_CONFIG_FILE: join(cwd, 'temporal.toml') };
    expect((await load({ env })).temporal).toMatchObject({
      address: 'cloud:7233',
      namespace: 'mine',
      isNamed: true,
      options: { apiKey: 'key-1234567', tls: true },
    });
    const flags = { 'temporal.address': { flag: '--temporal', value: 'other:1' } };
    expect((await load({ env, flags })).temporal.options).toMatchObject({ address: 'other:1', apiKey: 'key-1234567' });
  });

  it("refuse a profile that Temporal's own loader does not read", async () => {
    const env = { TEMPORAL_CONFIG_FILE: join(cwd, 'missing.toml'), TEMPORAL_PROFILE: 'none' };
    expect(await refusal({ env })).toContain("Temporal's own settings");
  });
});

describe('a refusal is one sentence that says what is wrong, what is right, and where it came from', () => {
  it.each<[string, Partial<SettingsSources>, string]>([
    [
      'an unknown key in --set',
      { set: ['worker.conections=5'] },
      '--set names worker.conections, which is no setting; did you mean worker.connections?',
    ],
    [
      'a key without its section',
      { set: ['userAgent=x'] },
      '--set names userAgent, which is no setting; did you mean platforms.bilibili.userAgent?',
    ],
    ['a whole section', { set: ['worker=5'] }, '--set names worker, which is no setting.'],
    [
      'a text without a value',
      { set: ['worker.connections'] },
      '--set takes key=value, as worker.connections=50; it got a text without that form.',
    ],
    [
      'an unknown variable',
      { env: { BARRAGE_WORKER_CONECTIONS: '5' } },
      'The environment sets BARRAGE_WORKER_CONECTIONS, which is no setting; did you mean BARRAGE_WORKER_CONNECTIONS?',
    ],
    [
      'a number that is none',
      { env: { BARRAGE_WORKER_CONNECTIONS: 'many' } },
      'worker.connections is "many" (from BARRAGE_WORKER_CONNECTIONS); it must be a whole number from 1 to 10000.',
    ],
    [
      'a number out of bounds',
      { set: ['worker.connections=0'] },
      'worker.connections is 0 (from --set); it must be a whole number from 1 to 10000.',
    ],
    [
      'a fraction where whole numbers are wanted',
      { set: ['monitor.port=1.5'] },
      'monitor.port is 1.5 (from --set); it must be a whole number from 0 to 65535.',
    ],
    [
      'neither true nor false',
      { env: { BARRAGE_DISCOVERY_ENABLED: 'yes' } },
      'discovery.enabled is "yes" (from BARRAGE_DISCOVERY_ENABLED); it must be true or false.',
    ],
    [
      'a choice that does not exist',
      { set: ['log.level=loud'] },
      'log.level is "loud" (from --set); it must be debug, info, warn or error.',
    ],
    [
      'a number that is not among the choices',
      { set: ['platforms.bilibili.protover=1'] },
      'platforms.bilibili.protover is 1 (from --set); it must be 0, 2 or 3.',
    ],
    [
      'an address that is none',
      { set: ['platforms.bilibili.apiUrl=api'] },
      'platforms.bilibili.apiUrl is "api" (from --set); it must be a whole address, such as https://example.org.',
    ],
    [
      'a value its schema has its own words about',
      { set: ['store.database=my db'] },
      'store.database is "my db" (from --set); a database name has at most 63 letters, digits, "_" or "-".',
    ],
    [
      'a value that contradicts what is fixed',
      { set: ['spool.tightRatio=0.96'] },
      'spool.tightRatio is 0.96 (from --set); sockets must wait before events are shed, which begins at 0.95.',
    ],
    ['a file that is not there', { configFile: 'no.json' }, 'The configuration file no.json does not exist.'],
    [
      'a file that is not there, named by the environment',
      { env: { BARRAGE_CONFIG: 'no.json' } },
      'The configuration file no.json, which BARRAGE_CONFIG names, does not exist.',
    ],
  ])('%s', async (_, sources, sentence) => {
    expect(await refusal(sources)).toBe(sentence);
  });

  it.each<[string, unknown, string]>([
    [
      'an unknown key',
      { store: { url: 'mongodb://h/' } },
      'barrage.config.json names store.url, which is no setting; did you mean store.uri?',
    ],
    ['an unknown section', { workers: { connections: 5 } }, 'barrage.config.json names workers, which is no setting.'],
    ['a section that is none', { worker: 5 }, 'worker (barrage.config.json) must be an object of settings, in braces.'],
    ['a list', [1], 'barrage.config.json must be an object of settings, in braces.'],
    [
      'a number written as text',
      { worker: { connections: '5' } },
      'worker.connections is "5" (from barrage.config.json); it must be a whole number from 1 to 10000.',
    ],
    ['no JSON, with the line', '{\n  "worker": {\n    oops\n', 'barrage.config.json is not JSON (see line 3).'],
  ])('in a file: %s', async (_, content, sentence) => {
    await writeConfig(content);
    expect(await refusal()).toBe(sentence);
  });

  it('never quotes a secret', async () => {
    const cookie = 'SESSDATA=canary%2Csecret';
    expect(await refusal({ env: { BARRAGE_STORE_URI: 'mysql://me:canary@h/' } })).not.toContain('canary');
    const both = { BARRAGE_PLATFORMS_BILIBILI_COOKIE: cookie, BARRAGE_PLATFORMS_BILIBILI_COOKIE_FILE: 'x' };
    expect(await refusal({ env: both })).not.toContain('canary');
    expect(await refusal({ env: { BARRAGE_PLATFORMS_BILIBILI_COOKIE: 'canary'.repeat(2_000) } })).not.toContain(
      'canary',
    );
    await writeConfig(`{"platforms": {"bilibili": {"cookie": "canary" x`);
    expect(await refusal()).not.toContain('canary');
  });
});

describe('secrets among the settings', () => {
  it('are not in what is shown, nor in what inspecting or serialising the configuration gives', async () => {
    const env = {
      MONGODB_URI: 'mongodb://me:canary1@h/',
      BARRAGE_PLATFORMS_BILIBILI_COOKIE: 'SESSDATA=canary2',
    };
    const { shown, config } = await load({ env });
    const text = JSON.stringify(shown) + JSON.stringify(config.platforms) + inspect(config.platforms, { depth: 9 });
    expect(text).not.toContain('canary');
    expect(shown.find(({ key }) => key === 'store.uri')?.value).toBe('mongodb://[secret]@h/');
    expect(shown.find(({ key }) => key === 'platforms.bilibili.cookie')?.value).toBe('[secret]');
  });
});
