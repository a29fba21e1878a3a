import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { withoutCredentials } from '../../src/cli/secrets.js';
import { loadSettings } from '../../src/cli/settings.js';
import { silentLog } from '../../src/model/log.js';
import { createPlatform } from '../../src/platforms/index.js';
import { openStore } from '../../src/store/open-store.js';
import { BarrageConfig } from '../../src/workers/config.js';
import { connectTemporal } from '../../src/workers/connect.js';
import { everythingIn, leaksIn } from './haystack.js';

const SECRET = 'canaryOfARedaction';
const leaks = (value: unknown): string[] => leaksIn(everythingIn(value), new Map([[SECRET, 'it']]));

/** What a call fails with; it must fail. */
const failureOf = async (call: () => unknown): Promise<unknown> => {
  let error: unknown;
  try {
    await call();
  } catch (caught) {
    error = caught;
  }
  expect(error).toBeInstanceOf(Error);
  return error;
};

let cwd: string;
beforeAll(async () => {
  cwd = await mkdtemp(join(tmpdir(), 'barrage-redaction-'));
});
afterAll(() => rm(cwd, { recursive: true, force: true }));

describe('a failure to connect shows no credential:', () => {
  it.each([
    ['an API key with a line feed at its end, as of a file', `${SECRET}\n`],
    ['an API key that no header can hold', `${SECRET}\u0000ü`],
  ])('Temporal, with %s', async (_, apiKey) => {
    const address = inject('temporalAddress');
    const failing = connectTemporal({ address, apiKey, tls: false }, 'default');
    expect(
      leaks(await failureOf(() => failing.then((open) => open.close().then(() => Promise.reject(new Error('open')))))),
    ).toEqual([]);
  });

  it.each([
    ['nobody at that address', `mongodb://me:${SECRET}@127.0.0.1:1/`],
    ['an address that is none', `mongodb://me:${SECRET}@:::/`],
    ['an option that is none', `mongodb://me:${SECRET}@127.0.0.1:1/?nonsense=1`],
    ['a name that does not resolve', `mongodb+srv://me:${SECRET}@canary.invalid/`],
  ])('MongoDB, with %s', async (_, uri) => {
    const { store } = BarrageConfig.parse({ store: { uri, serverSelectionTimeoutMs: 300 }, spool: { folder: 'x' } });
    const error = await failureOf(async () => {
      const open = await openStore(store);
      await open.prepare(AbortSignal.timeout(5_000)).finally(() => open.close());
    });
    const shown = error instanceof Error ? error.message : '';
    expect(leaks(shown)).toEqual([]);
  });
});

describe('the settings, as people see them, hold no credential,', () => {
  const cookie = `SESSDATA=${SECRET}; bili_jct=${SECRET}`;
  const env = {
    BARRAGE_STORE_URI: `mongodb://me:${SECRET}@db.example/barrage?authSource=admin`,
    BARRAGE_PLATFORMS_BILIBILI_COOKIE: cookie,
    TEMPORAL_API_KEY: SECRET,
  };

  it('in the list with origins, nor when configuration is printed by mistake', async () => {
    const { shown, config } = await loadSettings({ env, cwd });
    expect(leaks(shown)).toEqual([]);
    expect(JSON.stringify(config.platforms)).not.toContain(SECRET);
    expect(everythingIn(createPlatform('bilibili', config.platforms, { log: silentLog }))).not.toContain(cookie);
  });

  it.each([
    ['a URI that is none', { BARRAGE_STORE_URI: `http://me:${SECRET}@db.example/` }],
    ['a cookie that is too long', { BARRAGE_PLATFORMS_BILIBILI_COOKIE: SECRET.repeat(1_000) }],
    ['a cookie that is none', { BARRAGE_PLATFORMS_BILIBILI_COOKIE: `session ${SECRET}` }],
  ])('nor in the sentence about %s', async (_, wrong) => {
    const error = await failureOf(async () => {
      const { config } = await loadSettings({ env: { ...env, ...wrong }, cwd });
      createPlatform('bilibili', config.platforms, { log: silentLog });
    });
    expect(leaks(error instanceof Error ? error.message : '')).toEqual([]);
  });

  it('nor in the sentence about a configuration file that is no JSON', async () => {
    await writeFile(join(cwd, 'broken.json'), `{"store":{"uri":"mongodb://me:${SECRET}@x/" "platforms":1}`);
    const error = await failureOf(() => loadSettings({ env: {}, cwd, configFile: 'broken.json' }));
    expect(leaks(error instanceof Error ? error.message : '')).toEqual([]);
  });

  it('and the net below the types catches what looks like one', () => {
    for (const text of [env.BARRAGE_STORE_URI, cookie, `https://x.example/a?w_rid=${SECRET}&wts=1`, `token=${SECRET}`])
      expect(leaks(withoutCredentials(text))).toEqual([]);
  });
});
