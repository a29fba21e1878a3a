import type { WorkflowHandle } from '@temporalio/client';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { RoomOrder } from '../../src/model/room.js';
import { POPULARITY, ROOM_STATE, roomStart } from '../../src/model/room-attributes.js';
import type { RoomReport } from '../../src/workflows/room.js';
import { reconnect, status } from '../../src/workflows/room-messages.js';
import { startTestStack, type TestStack } from '../stack.js';
import { recordHistory } from './record-histories.js';

let stack: TestStack;
const SOON = { timeout: 20_000, interval: 50 };

beforeAll(async () => {
  stack = await startTestStack({ simulator: { rooms: 14, rate: 60, offlineShare: 0 } });
});
afterAll(() => stack.stop());

let next = 0;
/** A live room that no other test uses. */
const takeRoom = (): string => {
  const roomId = stack.liveRooms[next++];
  if (roomId === undefined) throw new Error('the simulator has too few rooms for this file');
  return roomId;
};

const start = (roomId: string, input: unknown = `bilibili:${roomId}`): Promise<WorkflowHandle> =>
  stack.client.workflow.start('room', { workflowId: `room:bilibili:${roomId}`, taskQueue: 'barrage', args: [input] });

const streaming = (handle: WorkflowHandle): Promise<void> =>
  vi.waitFor(async () => expect((await handle.query(status)).phase).toBe('streaming'), SOON);

const sum = (counts: readonly number[]): number => counts.reduce((total, count) => total + count, 0);

const isConnected = (roomId: string): boolean => stack.simulator.connections(Number(roomId)).length > 0;

const failureOf = async (handle: WorkflowHandle): Promise<string> => {
  const error: unknown = await handle.result().then(
    () => 'it did not fail',
    (reason: unknown) => reason,
  );
  return error instanceof Error && error.cause instanceof Error ? error.cause.message : String(error);
};

describe('a room that is started', () => {
  it('streams to MongoDB, and when it is cancelled ends Cancelled, with its socket closed and its records written', async () => {
    const roomId = takeRoom();
    const handle = await start(roomId);
    await streaming(handle);
    await vi.waitFor(async () => expect((await handle.query(status)).observation?.events).toBeGreaterThan(5), SOON);
    await handle.cancel();
    await vi.waitFor(() => expect(isConnected(roomId)).toBe(false), { timeout: 3_000 });
    await expect(handle.result()).rejects.toMatchObject({ cause: { name: 'CancelledFailure' } });
    expect((await handle.describe()).status.name).toBe('CANCELLED');
    await recordHistory(stack.client, handle.workflowId, 'room-cancelled');
    const overview = await vi.waitUntil(async () => {
      const found = await stack.store.records.roomOverview(`bilibili:${roomId}`);
      return found.sessions[0]?.endedAt === undefined ? undefined : found;
    }, SOON);
    expect(overview.sessions[0]).toMatchObject({ end: 'cancelled', connections: 1 });
    expect(overview.connections).toMatchObject([{ end: 'cancelled', counts: { undecodable: 0 } }]);
    expect(overview.gaps.map(({ _id }) => _id.split(':')[0]).sort()).toEqual(['after', 'start']);
  });

  it('as barrage starts it, is one change in the list of workflows until it streams', async () => {
    const roomId = takeRoom();
    const order = RoomOrder.parse({ room: `bilibili:${roomId}` });
    const options = { ...roomStart({ platform: 'bilibili', roomId }, order), taskQueue: 'barrage' };
    const handle = await stack.client.workflow.start('room', options);
    await streaming(handle);
    const { events } = await handle.fetchHistory();
    const changes = (events ?? []).flatMap(({ upsertWorkflowSearchAttributesEventAttributes: change }) => change ?? []);
    expect(changes).toHaveLength(1);
    const { typedSearchAttributes } = await handle.describe();
    expect(typedSearchAttributes.get(ROOM_STATE)).toBe('streaming');
    expect(typedSearchAttributes.get(POPULARITY)).toBeGreaterThan(0);
    await handle.cancel();
    await handle.result().catch(() => undefined);
  });

  it.each([
    ['its URL', (roomId: string) => `https://live.bilibili.com/${roomId}?spm=1`],
    ['the object form', (roomId: string) => ({ room: `bilibili:${roomId}`, until: 'offline', priority: 1 })],
  ])('is the same room, given as %s', async (_, input) => {
    const roomId = takeRoom();
    const handle = await start(roomId, input(roomId));
    await streaming(handle);
    await handle.cancel();
    await handle.result().catch(() => undefined);
  });

  it('hands over to the actor of the canonical id, and there is one connection', async () => {
    const roomId = takeRoom();
    const canonical = await start(roomId);
    await streaming(canonical);
    const other = await stack.client.workflow.start('room', {
      workflowId: `somebody-elses-name-${roomId}`,
      taskQueue: 'barrage',
      args: [`bilibili:${roomId}`],
    });
    const report: RoomReport = await other.result();
    expect(report).toMatchObject({ ended: 'handed-over', room: `bilibili:${roomId}` });
    expect(report.detail).toContain(`room:bilibili:${roomId}`);
    await recordHistory(stack.client, other.workflowId, 'room-handed-over');
    expect(stack.simulator.connections(Number(roomId))).toHaveLength(1);
    await canonical.cancel();
    await canonical.result().catch(() => undefined);
  });

  it('starts the canonical actor when a short id names the room', async () => {
    const room = stack.simulator.rooms.find(({ face }) => face.shortId !== 0);
    if (room === undefined) throw new Error('the simulator has no room with a short id');
    const { roomId, shortId } = room.face;
    const short = await start(String(shortId));
    const report: RoomReport = await short.result();
    expect(report).toMatchObject({ ended: 'handed-over', room: `bilibili:${roomId}` });
    const canonical = stack.client.workflow.getHandle(`room:bilibili:${roomId}`);
    await streaming(canonical);
    await canonical.cancel();
    await canonical.result().catch(() => undefined);
  });
});

describe('bad input', () => {
  it.each([
    ['nothing', undefined, 'Which room?'],
    ['a number', 12345, 'BAD_INPUT'],
    ['an unknown platform', 'myspace:1', 'There is no platform "myspace"'],
    ['a URL of another site', 'https://example.org/1', 'is not the address of a room'],
    ['an unknown key', { room: 'bilibili:1', untill: 'offline' }, 'untill'],
    ['a wrong value', { room: 'bilibili:1', until: 'tomorrow' }, '"until"'],
    ['a room that does not exist', 'bilibili:999999999', 'Check the number'],
  ])('ends the workflow at once, in one sentence: %s', async (name, input, expected) => {
    const handle = await stack.client.workflow.start('room', {
      workflowId: `bad-input-${name.replaceAll(' ', '-')}`,
      taskQueue: 'barrage',
      args: input === undefined ? [] : [input],
    });
    const message = await failureOf(handle);
    if (expected !== 'BAD_INPUT') expect(message).toContain(expected);
    expect(message.length).toBeLessThan(300);
    if (name === 'a room that does not exist') await recordHistory(stack.client, handle.workflowId, 'room-failed');
    expect((await handle.describe()).status.name).toBe('FAILED');
  });
});

describe('an operator', () => {
  it('pauses and resumes a room', async () => {
    const roomId = takeRoom();
    const handle = await start(roomId);
    await streaming(handle);
    await handle.signal('pause', 'maintenance');
    await vi.waitFor(() => expect(isConnected(roomId)).toBe(false), { timeout: 3_000 });
    await vi.waitFor(async () => {
      expect(await handle.query(status)).toMatchObject({ phase: 'paused', pausedBecause: 'maintenance' });
    }, SOON);
    await handle.signal('resume');
    await streaming(handle);
    await handle.cancel();
    await handle.result().catch(() => undefined);
    await recordHistory(stack.client, handle.workflowId, 'room-paused');
  });

  it('makes a room connect anew, and is refused where there is no connection', async () => {
    const roomId = takeRoom();
    const handle = await start(roomId);
    await streaming(handle);
    const before = (await handle.query(status)).observation?.connectionId;
    await handle.executeUpdate(reconnect, { args: ['test'] });
    await vi.waitFor(async () => {
      const now = await handle.query(status);
      expect(now.connections).toBe(1);
      expect(now.observation?.connectionId).toBeDefined();
      expect(now.observation?.connectionId).not.toBe(before);
    }, SOON);
    await handle.signal('pause', 'test');
    await vi.waitFor(async () => expect((await handle.query(status)).phase).toBe('paused'), SOON);
    await expect(handle.executeUpdate(reconnect, { args: ['test'] })).rejects.toThrow();
    await handle.cancel();
    await handle.result().catch(() => undefined);
    await recordHistory(stack.client, handle.workflowId, 'room-reconnected');
  });

  it('may send any nonsense as a signal, and the room lives on', async () => {
    const roomId = takeRoom();
    const handle = await start(roomId);
    await streaming(handle);
    await handle.signal('configure', { until: 'tomorrow', priority: 1 });
    await handle.signal('configure', 'nonsense');
    await handle.signal('observed', { state: 'asleep' });
    await handle.signal('retire', null);
    await handle.signal('configure', { priority: 2 });
    await vi.waitFor(async () => {
      const state = await handle.query(status);
      expect(state).toMatchObject({ phase: 'streaming', order: { until: 'cancelled', priority: 2 } });
      expect(state.lastError).toContain('configure was refused');
    }, SOON);
    await handle.cancel();
    await handle.result().catch(() => undefined);
  });

  it('sees the events of a connection that was lost at once, too', async () => {
    const roomId = takeRoom();
    const handle = await start(roomId);
    await streaming(handle);
    stack.simulator.emit(Number(roomId), 'DANMU_MSG');
    const received = (): Promise<number> =>
      stack.store.records
        .roomOverview(`bilibili:${roomId}`)
        .then(({ connections }) => sum(connections.map(({ counts }) => sum(Object.values(counts?.accepted ?? {})))));
    stack.simulator.faults.dropRoom(Number(roomId));
    await vi.waitFor(() => expect(isConnected(roomId)).toBe(true), SOON);
    await handle.cancel();
    await handle.result().catch(() => undefined);
    const { events, connections } = await handle.query(status);
    expect(connections).toBe(2);
    await vi.waitFor(async () => expect(await received()).toBe(events), SOON);
  });

  it('finds no orphan after Terminate', { timeout: 120_000 }, async () => {
    const roomId = takeRoom();
    const handle = await start(roomId);
    await streaming(handle);
    await handle.terminate('test');
    await vi.waitFor(() => expect(isConnected(roomId)).toBe(false), { timeout: 90_000, interval: 500 });
    await vi.waitFor(async () => {
      const { connections } = await stack.store.records.roomOverview(`bilibili:${roomId}`);
      expect(connections).toMatchObject([{ end: 'terminated' }]);
    }, SOON);
  });
});
