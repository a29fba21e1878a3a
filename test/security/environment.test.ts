import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type AddressInfo, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { BarrageRun } from '../cli/run-barrage.js';
import { leaksIn } from './haystack.js';

/** Every secret that an environment may hold. */
const CANARIES = new Map([
  ['canarySessionData7f3a', 'SESSDATA'],
  ['canaryMongoPassw0rd', 'PASSWORD'],
  ['canaryMongoPassw1rd', 'PASSWORD of MONGODB_URI'],
  ['canaryTemporalApiKey', 'API_KEY'],
  ['canaryOfAHeader', 'header'],
  ['canaryOfAPrivateKey', 'client key'],
]);
const SECRET_ENV = {
  BARRAGE_PLATFORMS_BILIBILI_COOKIE: 'SESSDATA=canarySessionData7f3a; bili_jct=canarySessionData7f3a',
  BARRAGE_STORE_URI: 'mongodb://me:canaryMongoPassw0rd@127.0.0.1:1/',
  MONGODB_URI: 'mongodb://me:canaryMongoPassw1rd@127.0.0.1:1/',
  TEMPORAL_API_KEY: 'canaryTemporalApiKey',
  TEMPORAL_TLS: 'false',
  TEMPORAL_GRPC_META_X_SECRET: 'canaryOfAHeader',
  TEMPORAL_TLS_CLIENT_KEY_DATA: 'canaryOfAPrivateKey',
  TEMPORAL_TLS_CLIENT_CERT_DATA: 'a certificate',
};

let folder: string;
let silent: Server;
const runs: BarrageRun[] = [];
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'barrage-environment-'));
  silent = createServer(() => undefined).listen(0, '127.0.0.1');
  await once(silent, 'listening');
});
afterAll(async () => {
  for (const run of runs) run.signal('SIGKILL');
  silent.close();
  await rm(folder, { recursive: true, force: true });
});

const temporal = (): string => `127.0.0.1:${(silent.address() as AddressInfo).port}`;

/** A worker that waits for a Temporal which takes connections and says nothing. */
async function waitingWorker(nodeOptions: string): Promise<BarrageRun> {
  const connected = once(silent, 'connection');
  const run = new BarrageRun(['worker', '--json', '--verbose', '--data', join(folder, 'data')], {
    ...SECRET_ENV,
    TEMPORAL_ADDRESS: temporal(),
    NODE_OPTIONS: `--report-directory=${folder} ${nodeOptions}`,
  });
  runs.push(run);
  const first = await Promise.race([connected.then(() => 'connected'), run.ended]);
  expect(first, run.stderr + run.stdout).toBe('connected');
  return run;
}

/** The reports that Node wrote, as one text; at least one is awaited. */
async function reports(): Promise<string> {
  const named = async (): Promise<string[]> => (await readdir(folder)).filter((name) => name.startsWith('report.'));
  await vi.waitUntil(async () => {
    const [name] = await named();
    return name !== undefined && (await readFile(join(folder, name), 'utf8')).trimEnd().endsWith('}');
  });
  const texts = await Promise.all((await named()).map((name) => readFile(join(folder, name), 'utf8')));
  for (const name of await named()) await rm(join(folder, name));
  return texts.join('\n');
}

describe('what a worker’s environment holds that is secret', () => {
  it('is in no diagnostic report, which is where Node lists the environment', async () => {
    const run = await waitingWorker('--report-on-signal');
    run.child.kill('SIGUSR2');
    const report = await reports();
    run.signal('SIGKILL');
    await run.ended;
    expect(report).toContain('"environmentVariables"');
    expect(leaksIn(report + run.stdout + run.stderr, CANARIES)).toEqual([]);
  });

  it('is neither in the report nor in the last words of one that runs out of memory', async () => {
    const eat = join(folder, 'eat.cjs');
    await writeFile(
      eat,
      `process.on('SIGUSR2', () => { const all = []; for (;;) all.push(new Array(1e5).fill({})); })`,
    );
    const run = await waitingWorker(`--require=${eat} --max-old-space-size=120 --report-on-fatalerror`);
    run.child.kill('SIGUSR2');
    expect(await run.ended).not.toBe(0);
    const report = await reports();
    expect(report).toContain('"environmentVariables"');
    expect(leaksIn(report + run.stdout + run.stderr, CANARIES)).toEqual([]);
  });

  it.each([
    ['an exception that nobody catches', 'throw'],
    ['a rejection that nobody handles', 'Promise.reject'],
  ])('is not in the last words of one that dies of %s, though the error holds it', async (_, how) => {
    const file = join(folder, 'die.cjs');
    const error = `Object.assign(new Error('cannot use mongodb://me:canaryMongoPassw0rd@h/', { cause: new Error('SESSDATA=canarySessionData7f3a') }), { options: { apiKey: 'canaryTemporalApiKey' } })`;
    const act = how === 'throw' ? `throw ${error}` : `void Promise.reject(${error})`;
    await writeFile(file, `process.on('SIGUSR2', () => { ${act} })`);
    const run = await waitingWorker(`--require=${file} --report-uncaught-exception`);
    run.child.kill('SIGUSR2');
    expect(await run.ended).toBe(1);
    const report = await reports();
    expect(run.stderr).toContain('cannot use mongodb://[secret]@h/');
    expect(leaksIn(run.stdout + run.stderr, CANARIES)).toEqual([]);
    expect(JSON.parse(report).environmentVariables).not.toHaveProperty('MONGODB_URI');
  });

  it('is in the environment of nothing that the worker starts', async () => {
    const list = join(folder, 'list.cjs');
    const seen = join(folder, 'seen');
    await writeFile(
      list,
      `process.on('SIGUSR2', () => require('node:child_process').execFile('/usr/bin/env', (_, out) => require('node:fs').writeFileSync(${JSON.stringify(seen)}, out)))`,
    );
    const run = await waitingWorker(`--require=${list}`);
    run.child.kill('SIGUSR2');
    await vi.waitUntil(async () => (await readFile(seen, 'utf8').catch(() => '')).includes('PATH='), {
      timeout: 10_000,
    });
    run.signal('SIGKILL');
    await run.ended;
    expect(leaksIn(await readFile(seen, 'utf8'), CANARIES)).toEqual([]);
  });

  it('is not on the command line of anything, which every user of the machine can read', async () => {
    const run = await waitingWorker('');
    const lines = execFileSync('ps', ['-ww', '-eo', 'args'], { encoding: 'utf8' });
    run.signal('SIGKILL');
    await run.ended;
    expect(lines).toContain('worker --json --verbose');
    expect(leaksIn(lines, CANARIES)).toEqual([]);
  });
});
