import { Client, Connection } from '@temporalio/client';
import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, inject, it, vi } from 'vitest';
import { silentLog } from '../../src/model/log.js';
import { installRuntime } from '../../src/workers/runtime.js';
import { observed, reconnect, status } from '../../src/workflows/room-messages.js';
import { freshNamespace } from '../namespace.js';
import { World } from './random-orders-activities.js';
import { allRuns, type Event, faultsOf, longestLoss, replayFaults } from './random-orders-histories.js';
import { Ledger } from './random-orders-ledger.js';
import { Node } from './random-orders-nodes.js';
import { Operator } from './random-orders-operator.js';

const SOON = { timeout: 40_000, interval: 50 };
const ROOMS = ['1', '2', '3', '4', '5', '6', '7', '8'] as const;
const [unwritten, twoSessions, retired, ordinary, reconnected, busy, ended, late] = ROOMS;

let connection: Connection;
let client: Client;
let world: World;
let operator: Operator;
let node: Node;
let bundle: { code: string };
let server: { address: string; namespace: string };

beforeAll(async () => {
  await installRuntime(silentLog);
  const address = inject('temporalAddress');
  const namespace = await freshNamespace(address);
  connection = await Connection.connect({ address });
  client = new Client({ connection, namespace });
  world = new World(1, ROOMS, new Ledger(client), new Ledger(client), client);
  world.isCalm = true;
  operator = new Operator(client, 1, ROOMS);
  server = { address, namespace };
  bundle = { code: await readFile(inject('workflowBundlePath'), 'utf8') };
  node = await Node.start(world, 'wnode1', server, bundle);
});
afterAll(async () => {
  await node.stop();
  await connection.close();
});

const handleOf = (room: string) => client.workflow.getHandle(`room:bilibili:${room}`);
const force = (activity: string, room: string, ...how: string[]): void =>
  void world.forced.set(`${activity} bilibili:${room}`, how);
const streams = (room: string): Promise<unknown> =>
  vi.waitUntil(() => world.ledger.held(`bilibili:${room}`).length === 1, SOON);
const pending = async (room: string): Promise<string[]> => {
  const { raw } = await handleOf(room).describe();
  return (raw.pendingActivities ?? []).map(({ activityType }) => activityType?.name ?? '');
};
const written = (room: string): string[] =>
  world.written.map(({ session }) => session.id).filter((id) => id.startsWith(`bilibili:${room}:`));

describe('the record of a session', () => {
  it('is written by a room that has to try more often than ten times, as while the disk is full', async () => {
    force('stream', unwritten, 'offline');
    force('close', unwritten, ...Array.from({ length: 11 }, () => 'fails soon'));
    await operator.start(unwritten, { until: 'offline' });
    await expect(handleOf(unwritten).result()).resolves.toMatchObject({ ended: 'offline' });
    expect(written(unwritten)).toHaveLength(1);
  });

  it('is written for both sessions of a room that is cancelled between two', async () => {
    await operator.start(twoSessions);
    await streams(twoSessions);
    await handleOf(twoSessions).signal('pause', 'test');
    // That its connection is over is not enough: a resume that comes with that news finds no pause to end.
    await vi.waitUntil(async () => (await handleOf(twoSessions).query(status)).phase === 'paused', SOON);
    force('look', twoSessions, 'next'); // the streamer began anew meanwhile
    force('close', twoSessions, 'fails late');
    await handleOf(twoSessions).signal('resume');
    await vi.waitUntil(async () => (await pending(twoSessions)).includes('closeSession'), SOON);
    await handleOf(twoSessions).cancel();
    await expect(handleOf(twoSessions).result()).rejects.toMatchObject({ cause: { name: 'CancelledFailure' } });
    expect(new Set(written(twoSessions)).size).toBe(2);
  });

  it('is written for a room that discovery retires when its stream fails instead of ending', async () => {
    await operator.start(retired, { startedBy: 'discovery' });
    await streams(retired);
    await vi.waitUntil(async () => (await handleOf(retired).query(status)).observation !== undefined, SOON);
    world.breaks.add(`bilibili:${retired}`);
    await handleOf(retired).signal('retire', 'test');
    await expect(handleOf(retired).result()).resolves.toMatchObject({ ended: 'retired' });
    expect(written(retired)).toHaveLength(1);
  });
});

describe('a room that is reset to before an update and news of its stream', () => {
  it('does not stop for good: its history is replayed', async () => {
    const [room, handle] = [reconnected, handleOf(reconnected)];
    await operator.start(room);
    await streams(room);
    await vi.waitUntil(async () => (await handle.query(status)).phase === 'streaming', SOON);
    const news = (state: 'connecting' | 'streaming') => handle.signal(observed, { state, workerId: 'wgone1' });
    await news('connecting');
    await handle.executeUpdate(reconnect, { args: ['test'] });
    await news('streaming');
    await handle.executeUpdate(reconnect, { args: ['test'] });
    await operator.reset(room);
    await vi.waitUntil(async () => (await pending(room)).length > 0, SOON);
    await handle.cancel();
    await handle.result().catch(() => undefined);
    const runs = (await allRuns(client)).filter(({ workflowId }) => workflowId === handle.workflowId);
    expect(await replayFaults(runs, bundle)).toEqual([]);
  });
});

/** Whether a cancel and an update came with the same workflow task. */
function isCancelledWithin(events: readonly Event[]): boolean {
  let [isAsked, isWithin] = [false, false];
  for (const event of events) {
    if (event.workflowExecutionCancelRequestedEventAttributes) isAsked = true;
    if (event.workflowTaskCompletedEventAttributes) [isAsked, isWithin] = [false, isAsked];
    if (event.workflowExecutionUpdateAcceptedEventAttributes && isWithin) return true;
  }
  return false;
}

describe('a room that is told several things at once', () => {
  it('gives no command within an update, where replay could have it elsewhere', async () => {
    const [room, handle] = [busy, handleOf(busy)];
    await operator.start(room);
    for (let digits = 1; digits < 9; digits += 1) {
      await vi.waitUntil(async () => (await handle.query(status)).phase === 'streaming', SOON);
      const news = { state: 'streaming', workerId: 'wgone1', popularity: 10 ** digits } as const;
      await Promise.all([handle.signal(observed, news), handle.executeUpdate(reconnect, { args: ['test'] })]);
    }
    await handle.cancel();
    await handle.result().catch(() => undefined);
    const runs = (await allRuns(client)).filter(({ workflowId }) => workflowId === handle.workflowId);
    const updates = runs
      .flatMap(({ history }) => history.events ?? [])
      .filter((event) => event.workflowExecutionUpdateAcceptedEventAttributes);
    expect(updates.length).toBeGreaterThan(4);
    expect([...runs.flatMap(faultsOf), ...(await replayFaults(runs, bundle))]).toEqual([]);
  });

  it('gives none when a cancel is among them', async () => {
    const handle = handleOf(ended);
    for (let time = 1; time < 9; time += 1) {
      await operator.start(ended);
      await vi.waitUntil(async () => (await handle.query(status)).phase === 'streaming', SOON);
      await handle.signal(observed, { state: 'streaming', workerId: 'wgone1' });
      const reconnects = [1, 2].map(() => handle.executeUpdate(reconnect, { args: ['test'] }));
      await Promise.allSettled([...reconnects, handle.cancel()]);
      await handle.result().catch(() => undefined);
    }
    const runs = (await allRuns(client)).filter(({ workflowId }) => workflowId === handle.workflowId);
    const both = runs.filter(({ history }) => isCancelledWithin(history.events ?? []));
    expect(both.length).toBeGreaterThan(0);
    expect([...runs.flatMap(faultsOf), ...(await replayFaults(runs, bundle))]).toEqual([]);
  });
});

describe('a room that is cancelled before anybody knows its worker', () => {
  it('has its connection hung up as soon as it is there', async () => {
    force('stream', late, 'late');
    const handle = handleOf(late);
    await operator.start(late);
    await streams(late);
    await handle.cancel();
    await handle.result().catch(() => undefined);
    const runs = (await allRuns(client)).filter(({ workflowId }) => workflowId === handle.workflowId);
    const asked = runs
      .flatMap(({ history }) => history.events ?? [])
      .flatMap((event) => event.activityTaskScheduledEventAttributes?.activityType?.name ?? []);
    expect(asked).toContain('hangUp');
    expect(world.written.filter(({ session }) => session.id.startsWith(`bilibili:${late}:`))).toMatchObject([
      { end: 'cancelled', totals: { connections: 1 } },
    ]);
    expect(await replayFaults(runs, bundle)).toEqual([]);
  });
});

describe('a worker that is lost', () => {
  it('holds up no room for longer than a minute, whatever it had been doing for it', async () => {
    await operator.start(ordinary);
    await streams(ordinary);
    await handleOf(ordinary).cancel();
    await handleOf(ordinary)
      .result()
      .catch(() => undefined);
    const runs = (await allRuns(client)).filter(({ workflowId }) => workflowId === `room:bilibili:${ordinary}`);
    const losses = ['lookAtRoom', 'streamRoom', 'closeSession'].map((activity) => {
      return [activity, Math.max(...runs.map((run) => longestLoss(run, activity))) <= 60_000];
    });
    expect(losses).toEqual([
      ['lookAtRoom', true],
      ['streamRoom', true],
      ['closeSession', true],
    ]);
  });
});
