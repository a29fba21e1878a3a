import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { z } from 'zod';
import { BarrageRun } from '../cli/run-barrage.js';
import { leaksIn } from './haystack.js';
import { familyOf, type SeenSocket, socketsOf } from './sockets.js';

const SOON = { timeout: 60_000, interval: 100 };
const API_KEY = 'canaryTemporalApiKeyOfUp';
const Ready = z.object({
  ready: z.object({
    uiUrl: z.url(),
    temporal: z.string(),
    mongoUri: z.url(),
    simulatorUrl: z.url(),
    monitors: z.array(z.url()),
  }),
});

let folder: string;
let run: BarrageRun;
let ready: z.output<typeof Ready>['ready'];
let pids: number[];
let sockets: SeenSocket[];
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'barrage-listeners-'));
  const args = ['up', '--simulate', '--rooms', '3', '--json', '--set', 'monitor.port=0', '--data', folder];
  run = new BarrageRun(args, {
    TEMPORAL_API_KEY: API_KEY,
    BARRAGE_PLATFORMS_BILIBILI_COOKIE_FILE: join(folder, 'absent'),
  });
  await vi.waitUntil(() => run.stdout.includes('\n') || run.child.exitCode !== null, SOON);
  ready = Ready.parse(run.lastJson).ready;
  await vi.waitUntil(async () => (await metricsOf(ready.monitors[0] ?? '')).includes('state="streaming"} 3'), SOON);
  pids = await familyOf(run.child.pid ?? 0);
  sockets = await socketsOf(pids);
});
afterAll(async () => {
  run.signal('SIGINT');
  await run.ended;
  await rm(folder, { recursive: true, force: true, maxRetries: 5 });
});

const metricsOf = (url: string): Promise<string> => fetch(url).then((response) => response.text());
const listening = (): SeenSocket[] => sockets.filter(({ state }) => state === 'LISTEN');
const portOf = (address: string): number => Number(/:(\d+)\/?$/.exec(address)?.[1]);

interface Answer {
  status: number;
  body: string;
}

/** Asks as a browser would: with a host and an origin of somebody else's. Nothing where no HTTP is spoken. */
const ask = (
  port: number,
  path: string,
  {
    method = 'GET',
    body = '',
    headers = {},
  }: { method?: string; body?: string; headers?: Record<string, string> } = {},
): Promise<Answer | undefined> =>
  new Promise((resolve) => {
    const asked = request({ host: '127.0.0.1', port, path, method, headers, timeout: 2_000 }, (response) => {
      let text = '';
      response.on('data', (chunk: Buffer) => (text += chunk.toString('latin1')));
      response.on('error', () => resolve(undefined));
      response.on('end', () => resolve({ status: response.statusCode ?? 0, body: text }));
    });
    asked.on('timeout', () => asked.destroy());
    asked.on('error', () => resolve(undefined));
    asked.end(body);
  });

describe.runIf(process.platform === 'linux')('everything that `barrage up --simulate` runs', () => {
  it('listens on the loopback address only', () => {
    expect(listening().length).toBeGreaterThan(8);
    expect(listening().filter(({ local }) => !local.startsWith('127.0.0.1:'))).toEqual([]);
  });

  it('is connected to nobody outside this machine, and does not try to be', () => {
    const outside = sockets.filter(({ state, remote }) => state !== 'LISTEN' && !remote.startsWith('127.0.0.1:'));
    expect(outside).toEqual([]);
  });

  it('has no socket that is not in the table of docs/security.md', async () => {
    const count = new Map<string, number>();
    for (const { pid } of listening()) {
      const [program = '', ...args] = (await readFile(`/proc/${pid}/cmdline`, 'utf8')).split('\0');
      const name = args.includes('worker') ? 'worker' : /temporal|ferretdb|mongod|node/.exec(program)?.[0];
      count.set(name ?? program, (count.get(name ?? program) ?? 0) + 1);
    }
    const { ferretdb = 0, mongod = 0, ...others } = Object.fromEntries(count);
    expect(ferretdb + mongod).toBe(1);
    // Temporal: frontend, UI, HTTP interface, metrics, and two of its parts; worker: monitor and SDK; node: the simulator, and its sockets.
    expect(others).toEqual({ temporal: 6, worker: 2, node: 4 });
  });
});

describe.runIf(process.platform === 'linux')('a web page of somebody else’s, in a browser on this machine,', () => {
  const start = JSON.stringify({ workflowType: { name: 'room' }, taskQueue: { name: 'barrage' }, requestId: 'x' });
  const path = '/api/v1/namespaces/default/workflows';
  const foreign = { origin: 'http://evil.example', 'content-type': 'text/plain' };

  it('starts no workflow by a form that it sends to any port', async () => {
    for (const { local } of listening()) {
      const answer = await ask(portOf(local), `${path}/forged`, { method: 'POST', body: start, headers: foreign });
      expect([local, answer === undefined || answer.status >= 400 ? 'refused' : answer]).toEqual([local, 'refused']);
    }
    const { body = '' } = (await ask(portOf(ready.uiUrl), path)) ?? {};
    expect(body).toContain('room:bilibili:');
    expect(body).not.toContain('forged');
  });

  it('reads no workflow from any port but the UI’s by a name that it made mean this machine', async () => {
    for (const { local } of listening()) {
      if (portOf(local) === portOf(ready.uiUrl)) continue;
      const answer = await ask(portOf(local), path, { headers: { host: `evil.example:${portOf(local)}` } });
      expect([local, answer?.body ?? '']).not.toEqual([local, expect.stringContaining('room:bilibili:')]);
    }
  });

  it('gets no leave to read an answer: no port sends a header that would give it', async () => {
    for (const { local } of listening()) {
      const answered = await fetch(`http://${local}/`, { headers: foreign, signal: AbortSignal.timeout(2_000) }).catch(
        () => undefined,
      );
      expect(answered?.headers.get('access-control-allow-origin') ?? null).toBeNull();
      await answered?.body?.cancel();
    }
  });
});

describe.runIf(process.platform === 'linux')('Temporal', () => {
  it('does not ask its makers for news', async () => {
    const pages = await Promise.all(listening().map(({ local }) => ask(portOf(local), '/metrics')));
    const own = pages.find((page) => page?.body.includes('service_name="frontend"'))?.body ?? '';
    expect(own).toContain('service_requests');
    expect(own).not.toContain('version_check');
  });
});

describe.runIf(process.platform === 'linux')('what is secret', () => {
  it('is in the environment of no process that `up` starts', async () => {
    const [, ...children] = pids;
    expect(children.length).toBeGreaterThan(4);
    const seen = await Promise.all(children.map((pid) => readFile(`/proc/${pid}/environ`, 'latin1').catch(() => '')));
    expect(seen.join()).toContain('PATH=');
    expect(leaksIn(seen.join('\n') + run.stdout + run.stderr, new Map([[API_KEY, 'key']]))).toEqual([]);
  });

  it('as a login, is not given to a simulated platform: the worker does not even open its file', () => {
    expect(ready.monitors.length).toBe(1);
  });
});
