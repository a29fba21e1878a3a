import { chmod, mkdir, mkdtemp, readdir, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { findBinary, type BinarySpec, type Source } from '../../src/engines/binary.js';
import type { EngineChoice } from '../../src/engines/engine.js';

const SCRIPT = '#!/bin/sh\necho "db version v8.0.4"\n';
const { signal } = new AbortController();
let home: string;
let lines: string[];
let fetched: string[];

const source = (how: Source['how'], fails = false): Source => ({
  name: 'Engine',
  version: '1.0.0',
  how,
  fingerprint: how,
  async fetch(target) {
    fetched.push(how);
    if (fails) throw new Error('no answer within 5 s');
    await writeFile(target, SCRIPT);
    await chmod(target, 0o755);
  },
});
const spec = (...sources: Source[]): BinarySpec => ({
  onPath: { name: 'mongod', program: 'mongod', version: /db version v(\S+)/ },
  sources,
});
const find = (wanted: BinarySpec, choice: EngineChoice = 'auto') =>
  findBinary(
    wanted,
    { cacheDir: join(home, 'cache'), choice, env: { PATH: join(home, 'bin') } },
    (line) => lines.push(line),
    signal,
  );
const putOnPath = async (script: string): Promise<void> => {
  await writeFile(join(home, 'bin', 'mongod'), script);
  await chmod(join(home, 'bin', 'mongod'), 0o755);
};

beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'barrage-binary-'));
  await mkdir(join(home, 'bin'));
  [lines, fetched] = [[], []];
});
afterEach(() => rm(home, { recursive: true, force: true }));

describe('findBinary', () => {
  it('takes the one on PATH before any other, with its version', async () => {
    await putOnPath(SCRIPT);
    expect(await find(spec(source('downloaded')))).toMatchObject({ name: 'mongod', version: '8.0.4', how: 'path' });
    expect(fetched).toEqual([]);
  });

  it('looks further when the one on PATH does not run, and says so', async () => {
    await putOnPath('#!/bin/sh\necho "libcrypto.so.1.1: cannot open shared object file" >&2; exit 127\n');
    expect(await find(spec(source('downloaded')))).toMatchObject({ how: 'downloaded' });
    expect(lines[0]).toContain('does not run (libcrypto.so.1.1: cannot open shared object file); looking further');
  });

  it('builds when the download fails, and says why it failed', async () => {
    expect(await find(spec(source('downloaded', true), source('built')))).toMatchObject({ how: 'built' });
    expect(lines).toContain('Engine 1.0.0 could not be downloaded (no answer within 5 s)');
  });

  it('takes what was built before without asking the network again', async () => {
    await find(spec(source('downloaded', true), source('built')));
    fetched = [];
    expect(await find(spec(source('downloaded', true), source('built')))).toMatchObject({ how: 'built' });
    expect(fetched).toEqual([]);
  });

  it('leaves out every other way when one is chosen', async () => {
    await putOnPath(SCRIPT);
    const all = spec(source('downloaded'), source('built'));
    expect(await find(all, 'build')).toMatchObject({ how: 'built' });
    expect(await find(all, 'download')).toMatchObject({ how: 'downloaded' });
    expect(await find(all, 'path')).toMatchObject({ how: 'path' });
  });

  it('names every way it tried when none worked', async () => {
    await expect(find(spec(source('downloaded', true), source('built', true)))).rejects.toMatchObject({
      code: 'ENGINE_MISSING',
      message:
        'There is no mongod to run: Engine 1.0.0 could not be downloaded (no answer within 5 s); Engine 1.0.0 could not be built (no answer within 5 s).',
    });
  });

  it('gets a binary once when two ask at the same time, and leaves nothing else in the cache', async () => {
    const found = await Promise.all([find(spec(source('built'))), find(spec(source('built')))]);
    expect(found[0]).toEqual(found[1]);
    expect(fetched).toEqual(['built']);
    expect(lines).toContain('another process is getting Engine 1.0.0; waiting for it');
    expect(await readdir(join(home, 'cache'))).toHaveLength(1);
  });

  it('takes over the lock of a process that died while it built', async () => {
    await find(spec(source('built')));
    const [file = ''] = await readdir(join(home, 'cache'));
    await rm(join(home, 'cache', file));
    await mkdir(join(home, 'cache', `${file}.lock`));
    const longAgo = new Date(Date.now() - 60_000);
    await utimes(join(home, 'cache', `${file}.lock`), longAgo, longAgo);
    expect(await find(spec(source('built')))).toMatchObject({ how: 'built' });
  });
});
