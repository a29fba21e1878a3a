import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { engineSettings } from '../../src/engines/engine.js';
import { prepareEngines } from '../../src/engines/prepare.js';

describe('prepareEngines', () => {
  it('has both binaries ready, and says of each where it came from', async () => {
    const lines: string[] = [];
    const engines = await prepareEngines(engineSettings(process.env), (line) => lines.push(line));
    expect(engines.temporal.name).toBe('Temporal');
    expect(engines.mongo.name).toMatch(/^(mongod|FerretDB)$/);
    expect(lines.at(-1)).toContain(engines.mongo.path);
  }, 1_800_000);

  it('says in one sentence what to install when nothing can be had', async () => {
    const cache = await mkdtemp(join(tmpdir(), 'barrage-cache-'));
    const settings = engineSettings({ PATH: '/nowhere', BARRAGE_CACHE: cache, BARRAGE_ENGINES: 'build' });
    const failure = await prepareEngines(settings, () => undefined).catch((error: unknown) => error);
    expect(failure).toMatchObject({
      code: 'ENGINE_MISSING',
      message:
        'There is no Temporal to run: Temporal 1.5.1 could not be built (Go is not on PATH; install it from go.dev).',
    });
    await rm(cache, { recursive: true });
  });

  it('refuses a BARRAGE_ENGINES it does not know', () => {
    expect(() => engineSettings({ BARRAGE_ENGINES: 'buidl' })).toThrow('it can be auto, path, download or build');
  });
});
