import type { WorkflowHandle } from '@temporalio/client';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { ensureSchedule } from '../../src/workers/control.js';
import type { DiscoveryReport } from '../../src/workflows/discovery.js';
import { status } from '../../src/workflows/room-messages.js';
import { startTestStack, type TestStack } from '../stack.js';
import { recordHistory } from './record-histories.js';

const SOON = { timeout: 30_000, interval: 100 };
let stack: TestStack;

beforeAll(async () => {
  stack = await startTestStack({
    simulator: { rooms: 12, rate: 30 },
    config: { worker: { connections: 8, connectsPerSecond: 100, statusEveryMs: 1_000, progressEveryMs: 60_000 } },
  });
});
afterAll(() => stack.stop());

const roomsRunning = async (state = 'streaming'): Promise<string[]> => {
  const query = `WorkflowType = 'room' AND ExecutionStatus = 'Running' AND RoomState = '${state}'`;
  const found: string[] = [];
  for await (const { workflowId } of stack.client.workflow.list({ query })) found.push(workflowId);
  return found.sort();
};

const sweep = async (settings: object, name: string): Promise<DiscoveryReport> => {
  const handle: WorkflowHandle = await stack.client.workflow.start('discovery', {
    workflowId: `discovery:test:${name}`,
    taskQueue: 'barrage',
    args: [settings],
  });
  return handle.result();
};

describe('a sweep', () => {
  it('starts the most popular rooms, as many as are wanted', async () => {
    const report = await sweep({ rooms: 3 }, 'three');
    expect(report).toMatchObject({ listed: 12, running: 0, slots: 8, started: 3, retired: 0 });
    const wanted = stack.liveRooms.slice(0, 3).map((id) => `room:bilibili:${id}`);
    await vi.waitFor(async () => expect(await roomsRunning()).toEqual(wanted.sort()), SOON);
    await recordHistory(stack.client, 'discovery:test:three', 'discovery');
  });

  it('starts no more than the workers have slots', async () => {
    const report = await sweep({ rooms: 100 }, 'many');
    expect(report).toMatchObject({ running: 3, slots: 8, started: 5 });
    await vi.waitFor(async () => expect(await roomsRunning()).toHaveLength(8), SOON);
  });

  it('leaves alone for a day what a person cancelled', async () => {
    const id = stack.liveRooms[0] ?? '';
    const handle = stack.client.workflow.getHandle(`room:bilibili:${id}`);
    await handle.cancel();
    await handle.result().catch(() => undefined);
    await vi.waitFor(async () => expect(await roomsRunning()).toHaveLength(7), SOON);
    await vi.waitFor(async () => {
      const report = await sweep({ rooms: 8 }, 'after-cancel');
      expect(report.leftAlone).toEqual([id]);
      expect(report.started).toBe(0);
    }, SOON);
  });

  it('keeps to its filters', async () => {
    const allow = [stack.liveRooms[9] ?? '', stack.liveRooms[10] ?? ''];
    const report = await sweep({ rooms: 100, allow, deny: [allow[0]] }, 'filters');
    expect(report.started).toBeLessThanOrEqual(1);
    await vi.waitFor(async () => {
      const running = await roomsRunning();
      expect(running).toContain(`room:bilibili:${allow[1] ?? ''}`);
      expect(running).not.toContain(`room:bilibili:${allow[0] ?? ''}`);
    }, SOON);
  });

  it('fails with the reason, and touches no room, when the platform fails', async () => {
    const before = await roomsRunning();
    stack.simulator.faults.block(5_000);
    const handle = await stack.client.workflow.start('discovery', {
      workflowId: 'discovery:test:blocked',
      taskQueue: 'barrage',
      args: [{ rooms: 5 }],
    });
    await vi.waitFor(async () => {
      const { raw } = await handle.describe();
      expect(raw.pendingActivities?.[0]?.lastFailure?.message).toContain('blocks this address');
    }, SOON);
    await handle.terminate('seen');
    expect(await roomsRunning()).toEqual(before);
  });

  it('refuses settings it does not know, in one sentence', async () => {
    const handle = await stack.client.workflow.start('discovery', {
      workflowId: 'discovery:test:bad',
      taskQueue: 'barrage',
      args: [{ roms: 5 }],
    });
    await expect(handle.result()).rejects.toMatchObject({
      cause: { type: 'BAD_INPUT', message: expect.stringContaining('roms') },
    });
  });
});

describe('the Schedule', () => {
  it('is made once, and what an operator did to it stays', async () => {
    const config = { ...stack.config.discovery, enabled: true, everyMs: 3_600_000, rooms: 1 };
    expect(await ensureSchedule(stack.client, config)).toBe(true);
    const handle = stack.client.schedule.getHandle('discovery:bilibili');
    await handle.pause('an operator was here');
    expect(await ensureSchedule(stack.client, { ...config, rooms: 99 })).toBe(false);
    expect((await handle.describe()).state).toMatchObject({ paused: true, note: 'an operator was here' });
  });

  it('passes on to the next sweep what the last one remembered, and so retires a room that fell far below', async () => {
    const fallen = stack.liveRooms[1] ?? '';
    const room = stack.client.workflow.getHandle(`room:bilibili:${fallen}`);
    expect((await room.query(status)).order.startedBy).toBe('discovery');
    const handle = stack.client.schedule.getHandle('discovery:bilibili');
    await handle.update((previous) => {
      const settings = { rooms: 8, deny: [fallen], retireAfterSweeps: 2 };
      if (previous.action.type !== 'startWorkflow') throw new Error('not a Schedule of ours');
      return { ...previous, action: { ...previous.action, args: [settings] } };
    });
    const ended = (): Promise<boolean> => room.describe().then(({ status: { name } }) => name === 'COMPLETED');
    for (let count = 0; count < 20 && !(await ended()); count += 1) {
      const { numActionsTaken: before, recentActions } = (await handle.describe()).info;
      const lastAt = recentActions.at(-1)?.takenAt.getTime() ?? 0;
      await vi.waitUntil(() => Date.now() - lastAt > 1_000, SOON); // the server names a run by its second
      await handle.trigger();
      await vi.waitFor(async () => {
        const { info } = await handle.describe();
        expect(info.numActionsTaken).toBeGreaterThan(before);
        expect(info.runningActions).toHaveLength(0);
      }, SOON);
    }
    expect(await room.result()).toMatchObject({ ended: 'retired' });
  });
});
