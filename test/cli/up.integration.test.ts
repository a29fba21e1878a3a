import { MongoClient } from 'mongodb';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { z } from 'zod';
import { BarrageRun } from './run-barrage.js';

const SOON = { timeout: 90_000, interval: 100 };

const Ready = z.object({
  ready: z.object({
    uiUrl: z.url(),
    temporal: z.string(),
    mongoUri: z.string(),
    database: z.string(),
    monitors: z.array(z.url()),
    workers: z.array(z.string()),
    dataDir: z.string(),
  }),
});
type Ready = z.output<typeof Ready>['ready'];

let folder: string;
const runs: BarrageRun[] = [];
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'barrage-up-'));
});
afterAll(async () => {
  for (const run of runs) run.signal('SIGKILL');
  await rm(folder, { recursive: true, force: true, maxRetries: 5 });
});

async function startUp(rooms: number): Promise<{ run: BarrageRun; ready: Ready }> {
  const run = new BarrageRun([
    'up',
    '--simulate',
    '--rooms',
    String(rooms),
    '--rate',
    '30',
    '--json',
    '--data',
    folder,
  ]);
  runs.push(run);
  await vi.waitUntil(() => run.stdout.includes('\n') || run.child.exitCode !== null, SOON);
  expect(run.stdout, run.stderr).toContain('ready');
  return { run, ready: Ready.parse(run.lastJson).ready };
}

async function storedRooms({ mongoUri, database }: Ready): Promise<number> {
  const client = new MongoClient(mongoUri, { serverSelectionTimeoutMS: 5_000 });
  try {
    return await client.db(database).collection('connections').countDocuments();
  } finally {
    await client.close();
  }
}

describe('barrage up --simulate', () => {
  it('collects at once, starts a worker again that was killed, stops cleanly, keeps its data for the next run, and says that a Schedule is kept, too', async () => {
    const { run, ready } = await startUp(3);
    expect((await fetch(ready.uiUrl)).status).toBe(200);
    await vi.waitUntil(async () => (await storedRooms(ready)) >= 3, SOON);

    process.kill(await workerPid(), 'SIGKILL');
    await vi.waitUntil(() => run.stderr.includes('worker 1 runs again'), SOON);

    run.signal('SIGINT');
    expect(await run.ended).toBe(0);
    expect(run.stderr).toContain('Stopped; the data are kept.');

    const again = await startUp(5);
    expect(again.ready.workers).toEqual(ready.workers);
    expect(again.ready.dataDir).toBe(ready.dataDir);
    expect(await storedRooms(again.ready)).toBeGreaterThanOrEqual(3);
    expect(run.stderr).not.toContain('Discovery keeps');
    const isTold = (): boolean => again.run.stderr.includes('Discovery keeps 3 rooms, not the 5 of --rooms');
    await vi.waitUntil(isTold, SOON);
    expect(again.run.stderr).toContain('`temporal schedule delete --schedule-id discovery:bilibili --address ');
    again.run.signal('SIGTERM');
    expect(await again.run.ended).toBe(0);
  }, 240_000);
});

/** From the log that the worker writes. */
async function workerPid(): Promise<number> {
  const log = await readFile(join(folder, 'simulated', 'logs', 'worker-1.log'), 'utf8');
  return Number(/"pid":(\d+)/.exec(log.trimEnd().split('\n').at(-1) ?? '')?.[1]);
}
