import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { status } from '../../src/workflows/room-messages.js';
import { startTestStack, type TestStack } from '../stack.js';

let stack: TestStack;

beforeAll(async () => {
  stack = await startTestStack({ simulator: { rooms: 2, offlineShare: 0 } });
});
afterAll(() => stack.stop());

it('a room that waits for its broadcast goes to another worker as soon as its own one shuts down', async () => {
  const [roomId = ''] = stack.liveRooms;
  stack.simulator.setLive(Number(roomId), false);
  const handle = await stack.client.workflow.start('room', {
    workflowId: `room:bilibili:${roomId}`,
    taskQueue: 'barrage',
    args: [`bilibili:${roomId}`],
  });
  const waiting = async () => {
    const { raw } = await handle.describe();
    return raw.pendingActivities?.find(({ activityType }) => activityType?.name === 'awaitLive');
  };
  await vi.waitUntil(async () => (await waiting())?.lastWorkerIdentity, { timeout: 30_000 });
  expect((await handle.query(status)).phase).toBe('waiting');
  const [worker] = stack.workers;
  await stack.addWorker();
  await worker?.stop();
  const failure = await vi.waitUntil(async () => (await waiting())?.lastFailure, { timeout: 30_000 });
  expect(failure.applicationFailureInfo?.type).toBe('WORKER_SHUTDOWN');
  await handle.cancel();
  await expect(handle.result()).rejects.toMatchObject({ cause: { name: 'CancelledFailure' } });
});
