import type { WorkflowHandle } from '@temporalio/client';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { startTemporal } from '../../src/engines/temporal.js';
import { engineSettings, type Engine } from '../../src/engines/engine.js';
import { SEARCH_ATTRIBUTES } from '../../src/model/search-attributes.js';
import type { RoomReport } from '../../src/workflows/room.js';
import { reconnect, status } from '../../src/workflows/room-messages.js';
import { startTestStack, type TestStack } from '../stack.js';
import { recordHistory } from './record-histories.js';

const SOON = { timeout: 30_000, interval: 50 };
/** Of this server every history of more than some sixty events is too long. */
const SHORT_HISTORIES = { 'limit.historyCount.suggestContinueAsNew': 60 };

let temporal: Engine;
let stack: TestStack;

beforeAll(async () => {
  temporal = await startTemporal({
    settings: engineSettings(process.env),
    report: () => undefined,
    searchAttributes: SEARCH_ATTRIBUTES,
    dynamicConfig: SHORT_HISTORIES,
  });
  stack = await startTestStack({ simulator: { rooms: 10, rate: 30 }, temporalAddress: temporal.address });
});
afterAll(async () => {
  await stack.stop();
  await temporal.stop();
});

const start = (roomId: string, order: object = {}): Promise<WorkflowHandle> =>
  stack.client.workflow.start('room', {
    workflowId: `room:bilibili:${roomId}`,
    taskQueue: 'barrage',
    args: [{ room: `bilibili:${roomId}`, ...order }],
  });

const phaseIs = (handle: WorkflowHandle, phase: string): Promise<void> =>
  vi.waitFor(async () => expect((await handle.query(status)).phase).toBe(phase), SOON);

const roomAt = (place: number): string => stack.liveRooms[place] ?? '';
const connections = (roomId: string): number => stack.simulator.connections(Number(roomId)).length;

describe('a room whose broadcast ends', () => {
  it('ends after the grace when it is wanted until offline, with its session closed', async () => {
    const roomId = roomAt(0);
    const handle = await start(roomId, { until: 'offline', offlineGraceMs: 1_000 });
    await phaseIs(handle, 'streaming');
    stack.simulator.setLive(Number(roomId), false);
    const report: RoomReport = await handle.result();
    expect(report).toMatchObject({ ended: 'offline', connections: 1 });
    await recordHistory(stack.client, handle.workflowId, 'room-offline');
    await vi.waitFor(async () => {
      const { sessions, gaps } = await stack.store.records.roomOverview(`bilibili:${roomId}`);
      expect(sessions).toMatchObject([{ end: 'offline' }]);
      expect(gaps.map(({ reason }) => reason)).toEqual(['late-start']);
    }, SOON);
  });

  it('goes on when the streamer comes back within the grace', async () => {
    const roomId = roomAt(1);
    const handle = await start(roomId, { until: 'offline', offlineGraceMs: 3_000 });
    await phaseIs(handle, 'streaming');
    const { observation } = await handle.query(status);
    stack.simulator.setLive(Number(roomId), false);
    stack.simulator.setLive(Number(roomId), true);
    const eventsBefore = (await handle.query(status)).observation?.events ?? 0;
    await vi.waitFor(async () => {
      const now = await handle.query(status);
      expect(now.observation?.events).toBeGreaterThan(eventsBefore + 10);
      expect(now.observation?.connectionId).toBe(observation?.connectionId);
    }, SOON);
    await handle.cancel();
    await handle.result().catch(() => undefined);
  });

  it('waits without a connection when it is wanted until cancelled, and begins a new session with the next broadcast', async () => {
    const roomId = roomAt(2);
    const handle = await start(roomId, { until: 'cancelled', offlineGraceMs: 0 });
    await phaseIs(handle, 'streaming');
    stack.simulator.setLive(Number(roomId), false);
    await phaseIs(handle, 'waiting');
    expect(connections(roomId)).toBe(0);
    await new Promise((resolve) => setTimeout(resolve, 1_100)); // a broadcast's id has seconds
    stack.simulator.setLive(Number(roomId), true);
    await phaseIs(handle, 'streaming');
    await vi.waitFor(async () => {
      const { sessions } = await stack.store.records.roomOverview(`bilibili:${roomId}`);
      expect(sessions).toHaveLength(2);
      expect(sessions.filter(({ endedAt }) => endedAt === undefined)).toHaveLength(1);
    }, SOON);
    await handle.cancel();
    await handle.result().catch(() => undefined);
    await recordHistory(stack.client, handle.workflowId, 'room-two-sessions');
  });

  it('costs a few requests for many rooms while they wait', async () => {
    const rooms = [3, 4, 5, 6, 7].map(roomAt);
    for (const roomId of rooms) stack.simulator.setLive(Number(roomId), false);
    const handles = await Promise.all(rooms.map((roomId) => start(roomId)));
    await Promise.all(handles.map((handle) => phaseIs(handle, 'waiting')));
    const path = '/room/v1/Room/get_status_info_by_uids';
    const asked = (): number => stack.simulator.stats().requests[path] ?? 0;
    const before = asked();
    const since = performance.now();
    await vi.waitUntil(() => asked() >= before + 4, SOON);
    const polls = (performance.now() - since) / 1_000; // one a second, in this configuration
    expect(asked() - before).toBeLessThan(3 * (polls + 2));
    await Promise.all(handles.map((handle) => handle.cancel()));
    await Promise.all(handles.map((handle) => handle.result().catch(() => undefined)));
  });
});

describe('a long history', () => {
  it('is begun anew between two connections, and no signal that arrives meanwhile is lost', async () => {
    const roomId = roomAt(8);
    const handle = await start(roomId);
    const firstRun = (await handle.describe()).runId;
    await phaseIs(handle, 'streaming');
    const renewals = async (rounds: number): Promise<void> => {
      for (let round = 0; round < rounds; round += 1) {
        await handle.executeUpdate(reconnect, { args: [`round ${round}`] });
        await handle.signal('configure', { priority: 1 + (round % 5), offlineGraceMs: 1_000 * (round + 1) });
        await phaseIs(handle, 'streaming');
      }
    };
    await vi.waitFor(
      async () => {
        await renewals(6);
        expect((await handle.describe()).runId).not.toBe(firstRun);
      },
      { timeout: 50_000 },
    );
    const state = await handle.query(status);
    expect(state.order).toMatchObject({ priority: 1 + (5 % 5), offlineGraceMs: 6_000 });
    expect(state.session?.id).toContain(roomId);
    await recordHistory(stack.client, handle.workflowId, 'room-continued', firstRun);
    await vi.waitFor(async () => {
      await renewals(1);
      expect((await handle.describe()).historyLength).toBeGreaterThan(30);
    }, SOON);
    await recordHistory(stack.client, handle.workflowId, 'room-carried');
    await recordHistory(stack.client, `ingest:${stack.workers[0]?.workerId ?? ''}`, 'ingest');
    await handle.cancel();
    await expect(handle.result()).rejects.toMatchObject({ cause: { name: 'CancelledFailure' } });
  });
});
