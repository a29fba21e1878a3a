import { Client, Connection } from '@temporalio/client';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { engineSettings, type Engine } from '../../src/engines/engine.js';
import { startTemporal, type TemporalOptions } from '../../src/engines/temporal.js';

const settings = engineSettings(process.env);
const searchAttributes = { RoomState: 'Keyword', Popularity: 'Int' } as const;
const started: Engine[] = [];
let dataDir: string;

const start = async (options: Partial<TemporalOptions> = {}): Promise<Engine> => {
  const engine = await startTemporal({ settings, searchAttributes, report: () => undefined, ...options });
  started.push(engine);
  return engine;
};

const withClient = async <T>(engine: Engine, work: (client: Client) => Promise<T>): Promise<T> => {
  const connection = await Connection.connect({ address: engine.address });
  try {
    return await work(new Client({ connection }));
  } finally {
    await connection.close();
  }
};

/** Nobody works on it: what is asked is only whether the server still knows it. */
const startSome = (engine: Engine, workflowId: string): Promise<unknown> =>
  withClient(engine, (client) => client.workflow.start('any', { workflowId, taskQueue: 'none' }));
const statusOf = (engine: Engine, workflowId: string): Promise<string> =>
  withClient(engine, async (client) => (await client.workflow.getHandle(workflowId).describe()).status.name);
/** In seconds. */
const retentionOf = (engine: Engine, namespace: string): Promise<number> =>
  withClient(engine, async ({ workflowService }) => {
    const { config } = await workflowService.describeNamespace({ namespace });
    return Number(config?.workflowExecutionRetentionTtl?.seconds);
  });
const portOf = ({ address }: Engine): number => Number(address.split(':')[1]);

beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'barrage-temporal-test-'));
});
afterEach(async () => {
  await Promise.all(started.splice(0).map((engine) => engine.stop()));
  await rm(dataDir, { recursive: true, force: true });
});

describe('startTemporal', { timeout: 90_000 }, () => {
  it('knows its workflows and search attributes again after a stop, and after a kill, on the same ports', async () => {
    const first = await start({ dataDir });
    await startSome(first, 'before-stop');
    await first.stop();

    const ports = { port: portOf(first), uiPort: Number(new URL(first.uiUrl ?? '').port) };
    const second = await start({ dataDir, ...ports });
    expect([second.address, second.uiUrl]).toEqual([first.address, first.uiUrl]);
    expect(await statusOf(second, 'before-stop')).toBe('RUNNING');
    await startSome(second, 'before-kill');
    second.kill();
    await expect(second.exited).resolves.toEqual({ code: null, signal: 'SIGKILL' });

    const third = await start({ dataDir, ...ports });
    expect(await statusOf(third, 'before-kill')).toBe('RUNNING');
    const { count } = await withClient(third, (client) =>
      client.workflow.count('RoomState IS NULL AND Popularity IS NULL'),
    );
    expect(count).toBe(2);
  });

  it('runs twice at once, on different ports, each with its own UI, and forgets what ended after a day', async () => {
    const [one, two] = await Promise.all([start(), start({ namespace: 'second' })]);
    expect([await retentionOf(one, 'default'), await retentionOf(two, 'second')]).toEqual([86_400, 86_400]);
    expect(new Set([one.address, two.address, one.uiUrl, two.uiUrl]).size).toBe(4);
    await startSome(one, 'only-in-one');
    await expect(statusOf(two, 'only-in-one')).rejects.toThrow(/not found/);
    expect(await (await fetch(`${two.uiUrl}/api/v1/namespaces/second`)).text()).toContain('second');
  });

  it('says in one sentence that a named server cannot be reached', async () => {
    const named = { address: '127.0.0.1:9' };
    await expect(start({ named })).rejects.toMatchObject({
      code: 'TEMPORAL_UNAVAILABLE',
      message: expect.stringMatching(/^Temporal at 127\.0\.0\.1:9 does not answer \([^\n]*\)\.$/),
    });
  });

  it('says which namespace a named server lacks', async () => {
    const engine = await start();
    const named = { address: engine.address };
    await expect(start({ named, namespace: 'absent' })).rejects.toThrow(/has no usable namespace "absent"/);
    expect(await start({ named })).toMatchObject({ how: 'named', version: expect.stringMatching(/^1\./) });
  });
});
