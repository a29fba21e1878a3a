import { Connection } from '@temporalio/client';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, it, vi } from 'vitest';
import { startSimulator, type Simulator } from '../../src/simulator/simulator.js';
import { freshNamespace } from '../namespace.js';
import { REFUSAL, RefusingTemporal } from './refusing-temporal.js';
import { BarrageRun, runBarrage } from './run-barrage.js';

const READY = { timeout: 60_000, interval: 50 };

let folder: string;
let simulator: Simulator;
let env: NodeJS.ProcessEnv;
const runs: BarrageRun[] = [];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'barrage-worker-'));
  simulator = await startSimulator({ rooms: 2, rate: 10 });
  env = {
    TEMPORAL_ADDRESS: inject('temporalAddress'),
    TEMPORAL_NAMESPACE: await freshNamespace(inject('temporalAddress')),
    MONGODB_URI: inject('mongoUri'),
    BARRAGE_DATA: folder,
    BARRAGE_STORE_DATABASE: 'cli_worker',
    BARRAGE_DISCOVERY_ENABLED: 'false',
    BARRAGE_PLATFORMS_BILIBILI_API_URL: simulator.url,
    BARRAGE_PLATFORMS_BILIBILI_LIVE_API_URL: simulator.url,
    BARRAGE_PLATFORMS_BILIBILI_WWW_URL: simulator.url,
    BARRAGE_PLATFORMS_BILIBILI_TRANSPORT: 'ws',
  };
});
afterAll(async () => {
  for (const run of runs) run.signal('SIGKILL');
  await simulator.close();
  await rm(folder, { recursive: true, force: true });
});

async function startWorker(args: readonly string[] = [], variables = {}): Promise<BarrageRun> {
  const run = new BarrageRun(['worker', ...args], { ...env, ...variables });
  runs.push(run);
  await vi.waitUntil(() => /is ready|"ready"/.test(run.stdout) || run.child.exitCode !== null, READY);
  expect(run.stdout, run.stderr).toMatch(/is ready|"ready"/);
  return run;
}

describe('barrage worker', () => {
  it('says in one line that it is ready, serves its monitor, and exits with 0 after SIGTERM', async () => {
    const run = await startWorker();
    const [line, workerId, metrics] =
      /^Worker (w\w+) is ready\. Metrics: (http\S+)\. Spool: \S+\.\n$/.exec(run.stdout) ?? [];
    expect({ line, workerId }).toEqual({ line: run.stdout, workerId: expect.any(String) });
    expect((await fetch(metrics ?? '')).status).toBe(200);
    run.signal('SIGTERM');
    expect(await run.ended).toBe(0);
  });

  it('runs beside another one on the same machine without any setting, each with a spool and a port of its own', async () => {
    const [one, two] = await Promise.all([startWorker(['--json']), startWorker(['--json'])]);
    const { ready: first } = one.lastJson as { ready: Record<string, string> };
    const { ready: second } = two.lastJson as { ready: Record<string, string> };
    expect(first['workerId']).not.toBe(second['workerId']);
    expect(first['monitorUrl']).not.toBe(second['monitorUrl']);

    const doctor = await runBarrage(['doctor', '--json'], env);
    expect(doctor.lastJson()).toMatchObject({
      ok: true,
      findings: expect.arrayContaining(
        ['temporal', 'namespace', 'search attributes', 'mongodb', 'mongodb writes', 'clock (MongoDB)'].map((name) =>
          expect.objectContaining({ name, status: 'ok' }),
        ),
      ),
    });
    expect(doctor.stdout).toContain('is in use by process');

    one.signal('SIGINT');
    two.signal('SIGINT');
    expect(await Promise.all([one.ended, two.ended])).toEqual([0, 0]);
  });

  it('ends at once, with 130, at a second Ctrl-C', async () => {
    const run = await startWorker();
    run.signal('SIGINT');
    await vi.waitUntil(() => run.stderr.includes('press Ctrl-C again'), { timeout: 10_000, interval: 1 });
    run.signal('SIGINT');
    expect(await run.ended).toBe(130);
  });

  it('refuses a spool folder that cannot be made, with 2', async () => {
    const { code, stderr } = await runBarrage(['worker', '--spool', '/dev/null/spool'], env);
    expect(code).toBe(2);
    expect(stderr).toContain('The spool folder /dev/null/spool (from --spool) cannot be made (ENOTDIR).');
  });

  describe('where the namespace is somebody else’s', () => {
    let refusing: RefusingTemporal;
    beforeAll(async () => {
      const refused = { AddSearchAttributes: 7, ListSearchAttributes: 7 };
      refusing = await RefusingTemporal.listen(inject('temporalAddress'), refused);
    });
    afterAll(() => refusing.close());

    it('starts though it may not register the search attributes, nor list them, where they are there', async () => {
      const run = await startWorker([], { TEMPORAL_ADDRESS: refusing.address });
      run.signal('SIGTERM');
      expect(await run.ended).toBe(0);
    });

    it('refuses to start where they are missing, with 2 and what an administrator types', async () => {
      const namespace = await freshNamespace(inject('temporalAddress'));
      await removeSearchAttributes(namespace, ['RoomState', 'Popularity']);
      const variables = { ...env, TEMPORAL_ADDRESS: refusing.address, TEMPORAL_NAMESPACE: namespace };
      const { code, stdout, stderr } = await runBarrage(['worker'], variables);
      expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
      expect(stderr).toMatch(/^barrage: [^\n]+\n$/);
      expect(stderr).toContain(`the namespace "${namespace}" lacks the search attributes RoomState, Popularity,`);
      expect(stderr).toContain(REFUSAL);
      expect(stderr).toContain(
        `\`temporal operator search-attribute create --namespace ${namespace} --name RoomState --type Keyword --name Popularity --type Int\`.`,
      );
    });
  });
});

/** Resolves when a query knows of it, too. */
async function removeSearchAttributes(namespace: string, searchAttributes: string[]): Promise<void> {
  const connection = await Connection.connect({ address: inject('temporalAddress') });
  try {
    await connection.operatorService.removeSearchAttributes({ namespace, searchAttributes });
    const isGone = async (name: string): Promise<boolean> =>
      connection.workflowService.listWorkflowExecutions({ namespace, query: `${name} IS NULL`, pageSize: 1 }).then(
        () => false,
        () => true,
      );
    for (const name of searchAttributes) await vi.waitUntil(() => isGone(name), READY);
  } finally {
    await connection.close();
  }
}
