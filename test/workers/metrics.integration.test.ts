import type { WorkflowHandle } from '@temporalio/client';
import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, inject, it, vi } from 'vitest';
import { MetricsPage } from '../../src/cli/metrics-page.js';
import { EVENT_KINDS } from '../../src/model/event-kind.js';
import { HOSTILE_FRAMES } from '../../src/simulator/hostile-frames.js';
import { startTestStack, type TestStack } from '../stack.js';
import { type FlakyProxy, startFlakyProxy } from '../../src/drills/flaky-proxy.js';
import { type Family, readFamilies } from './metrics-text.js';

const SOON = { timeout: 30_000, interval: 100 };

let stack: TestStack;
let mongo: FlakyProxy;
let url: string;

beforeAll(async () => {
  mongo = await startFlakyProxy(inject('mongoUri'));
  stack = await startTestStack({
    simulator: { rooms: 6, rate: 120 },
    config: { spool: { quotaBytes: 1024 * 1024 }, store: { uri: mongo.uri, writeTimeoutMs: 2_000 } },
  });
  [url = ''] = stack.workers.map(({ monitorUrl }) => monitorUrl);
});
afterAll(async () => {
  await stack.stop();
  await mongo.close();
});

const pageText = async (): Promise<string> => (await fetch(`${url}/metrics`)).text();
const page = async (): Promise<MetricsPage> => new MetricsPage(await pageText());
const value = async (name: string, labels: Record<string, string> = {}): Promise<number> =>
  (await page()).sum(name, labels);

let next = 0;
async function start(order: object = {}): Promise<{ roomId: string; handle: WorkflowHandle }> {
  const roomId = stack.liveRooms[next++];
  if (roomId === undefined) throw new Error('the simulator has too few rooms for this file');
  const handle = await stack.client.workflow.start('room', {
    workflowId: `room:bilibili:${roomId}`,
    taskQueue: 'barrage',
    args: [{ room: `bilibili:${roomId}`, ...order }],
  });
  return { roomId, handle };
}

/** What the worker tells of its spool and its store, as it stands on the page. */
const spoolAndStore = async (): Promise<string> =>
  (await pageText())
    .split('\n')
    .filter((line) => /^barrage_(spool|store)_/.test(line))
    .join('\n');

/** Waits until the metric is above what it was. */
const rises = (name: string, labels: Record<string, string>, above: number): Promise<void> =>
  vi.waitFor(async () => expect(await value(name, labels)).toBeGreaterThan(above), SOON);

/** The table of docs/metrics.md: name → type and labels. */
async function promised(): Promise<Map<string, Family>> {
  const text = await readFile(new URL('../../docs/metrics.md', import.meta.url), 'utf8');
  const rows = [...text.matchAll(/^\| `(barrage_\w+)` \| (\w+), [^|]+\|([^|]*)\|([^|]+)\|$/gm)];
  return new Map(
    rows.map(([, name = '', type = '', labels = '']) => [
      name,
      {
        type,
        labels: new Set([...labels.replaceAll(/: .*?(?=, `\w+`:|$)/g, '').matchAll(/`(\w+)`/g)].map(([, l = '']) => l)),
      },
    ]),
  );
}

describe('the page /metrics of a worker with a room', () => {
  let families: Map<string, Family>;

  beforeAll(async () => {
    await start();
    await rises('barrage_lag_seconds_count', {}, 0);
    families = readFamilies(await pageText());
  });

  it('is what docs/metrics.md promises, in both directions', async () => {
    const own = [...families].filter(([name]) => name.startsWith('barrage_'));
    const shown = own.map(([name, { type, labels }]) => [name, type, [...labels].filter((l) => l !== 'le').sort()]);
    const told = [...(await promised())].map(([name, { type, labels }]) => [name, type, [...labels].sort()]);
    expect(shown.sort()).toEqual(told.sort());
  });

  it('holds nothing else but what prom-client and the SDK tell', () => {
    const others = [...families.keys()].filter((name) => !name.startsWith('barrage_'));
    expect(others.filter((name) => !/^(process|nodejs|temporal)_/.test(name))).toEqual([]);
  });

  it('holds the figures of others that docs/metrics.md names', async () => {
    const text = await readFile(new URL('../../docs/metrics.md', import.meta.url), 'utf8');
    const named = [...text.matchAll(/`((?:process|nodejs|temporal)_\w+)`/g)].map(([, name]) => name);
    expect(named.length).toBeGreaterThan(4);
    expect(named.filter((name) => !families.has(name ?? ''))).toEqual([]);
  });
});

describe('a metric moves when it must:', () => {
  it('connections, attempts, survival and events, with a room that streams', async () => {
    stack.simulator.faults.rejectAuth();
    const { roomId } = await start();
    await rises('barrage_connections', { state: 'streaming' }, 1);
    expect(await value('barrage_connect_attempts_total', { outcome: 'connected' })).toBeGreaterThanOrEqual(2);
    expect(await value('barrage_connect_attempts_total', { outcome: 'AUTH_REFUSED' })).toBe(1);
    expect(await value('barrage_survival_ratio')).toBe(1);
    const accepted = await value('barrage_events_accepted_total', { kind: 'superchat' });
    stack.simulator.emit(Number(roomId), 'SUPER_CHAT_MESSAGE');
    await rises('barrage_events_accepted_total', { kind: 'superchat' }, accepted);
    await rises('barrage_events_stored_total', { outcome: 'inserted' }, 0);
    await rises('barrage_decode_seconds_count', {}, 0);
    for (const [name, below] of Object.entries({ decode: 0.1, lag: 60 })) {
      expect(await value(`barrage_${name}_seconds_sum`)).toBeLessThan(
        below * (await value(`barrage_${name}_seconds_count`)),
      );
    }
  });

  it('undecodable and dead letters, with a message that cannot be read', async () => {
    const before = await page();
    const hostile = HOSTILE_FRAMES.find(({ name }) => name === 'not JSON');
    const [connection] = stack.simulator.connections();
    stack.simulator.faults.hostile(connection, hostile);
    await rises('barrage_undecodable_total', {}, before.sum('barrage_undecodable_total'));
    await rises(
      'barrage_dead_letters_total',
      { cause: 'undecodable' },
      before.sum('barrage_dead_letters_total', { cause: 'undecodable' }),
    );
  });

  it('ended connections by reason, and events stored before, with a dropped socket and frames sent twice', async () => {
    const [dropped, repeated] = stack.simulator.connections();
    stack.simulator.faults.duplicate(repeated);
    await rises('barrage_events_stored_total', { outcome: 'duplicate' }, 0);
    stack.simulator.faults.drop(dropped);
    await rises('barrage_connections_ended_total', { reason: 'lost' }, 0);
  });

  it('filtered, with a kind that the room leaves out', async () => {
    const { handle } = await start({ exclude: ['chat'] });
    await rises('barrage_events_filtered_total', { kind: 'chat' }, 0);
    await handle.cancel();
    await rises('barrage_connections_ended_total', { reason: 'cancelled' }, 0);
  });

  it('spool, store failures and shed, with a MongoDB that takes nothing', { timeout: 240_000 }, async () => {
    mongo.refuse();
    try {
      await rises('barrage_store_failures_total', {}, 0);
      await rises('barrage_spool_age_seconds', {}, 1);
      const [depth, bytes] = [await value('barrage_spool_depth'), await value('barrage_spool_bytes')];
      expect([depth > 0, bytes > 0]).toEqual([true, true]);
      for (const room of stack.simulator.rooms) room.boost = 10;
      await vi.waitFor(async () => expect(await value('barrage_spool_level', { level: 'full' })).toBe(1), {
        timeout: 90_000,
        interval: 200,
      });
      expect(await value('barrage_spool_level')).toBe(1);
      const shed = await page();
      await rises('barrage_events_shed_total', {}, 0);
      expect(shed.sum('barrage_spool_bytes')).toBeLessThanOrEqual(shed.sum('barrage_spool_quota_bytes'));
    } finally {
      for (const room of stack.simulator.rooms) room.boost = 1;
      mongo.restore();
    }
    await vi.waitFor(
      async () => expect(await value('barrage_spool_level', { level: 'ok' }), await spoolAndStore()).toBe(1),
      { timeout: 90_000, interval: 200 },
    );
  });

  it('circuit opened, with a platform that refuses ten times', { timeout: 90_000 }, async () => {
    stack.simulator.faults.riskControl(1_000);
    await start();
    await rises('barrage_circuit_opened_total', { platform: 'bilibili' }, 0);
  });
});

it('begins the series of every kind of event at 0', async () => {
  const text = await pageText();
  for (const kind of EVENT_KINDS)
    expect(text).toContain(`barrage_events_shed_total{platform="bilibili",kind="${kind}"} `);
});
