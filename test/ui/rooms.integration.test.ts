import type { WorkflowHandle } from '@temporalio/client';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { roomWorkflowId } from '../../src/model/room.js';
import { status } from '../../src/workflows/room-messages.js';
import type { TestStack } from '../stack.js';
import { shown } from './shown.js';
import type { TemporalUi } from './temporal-ui.js';
import { startUiStack } from './ui-stack.js';

const SOON = { timeout: 20_000, interval: 100 };
/** A worker hears of an activity's pause or reset with the answer to a heartbeat: the first after 5 s, the others every 24 s. */
const WITHIN_A_HEARTBEAT = { timeout: 35_000, interval: 200 };
/** A connection that is lost sooner counts as a failed attempt. */
const HEALTHY_AFTER_MS = 5_000;

let stack: TestStack;
let ui: TemporalUi;
let stop: (() => Promise<void>) | undefined;
/** The room whose connection will be lost has been connected for a while by then. */
let healthy: { roomId: string; since: number };

beforeAll(async () => {
  ({ stack, ui, stop } = await startUiStack({ simulator: { rooms: 12, rate: 60 } }));
  const roomId = await startStreaming();
  healthy = { roomId, since: (await actorOf(roomId).query(status)).observation?.connectedAt ?? 0 };
});
afterAll(() => stop?.());

let next = 0;
/** A live room that no other test uses. */
const takeRoom = (): string => {
  const roomId = stack.liveRooms[next++];
  if (roomId === undefined) throw new Error('the simulator has too few rooms for this file');
  return roomId;
};

const actorOf = (roomId: string): WorkflowHandle => stack.client.workflow.getHandle(roomWorkflowId(stack.room(roomId)));

async function start(roomId: string): Promise<WorkflowHandle> {
  const workflowId = roomWorkflowId(stack.room(roomId));
  return stack.client.workflow.start('room', { workflowId, taskQueue: 'barrage', args: [`bilibili:${roomId}`] });
}

const phaseIs = (roomId: string, phase: string): Promise<void> =>
  vi.waitFor(async () => expect((await actorOf(roomId).query(status)).phase).toBe(phase), SOON);

async function startStreaming(): Promise<string> {
  const roomId = takeRoom();
  await start(roomId);
  await phaseIs(roomId, 'streaming');
  return roomId;
}

const connectionsOf = (roomId: string): number => stack.simulator.connections(Number(roomId)).length;

async function end(roomId: string): Promise<void> {
  await actorOf(roomId).cancel();
  await actorOf(roomId)
    .result()
    .catch(() => undefined);
}

describe('the Start Workflow form', () => {
  it.each([
    ['"bilibili:<id>"', (roomId: string) => `bilibili:${roomId}`],
    ['its URL', (roomId: string) => `https://live.bilibili.com/${roomId}?spm=1`],
    ['the object form', (roomId: string) => ({ room: `bilibili:${roomId}`, until: 'offline', priority: 1 })],
  ])(
    'starts a room, given as %s under any workflow id: its one actor streams, and the started one says so',
    async (_, input) => {
      const roomId = takeRoom();
      await ui.startRoom(`my-favourite-${roomId}`, JSON.stringify(input(roomId)));
      await shown(() => ui.main.innerText(), /Completed[^]*handed-over/);
      await ui.result.getByText(`The room is collected by the workflow room:bilibili:${roomId}`).waitFor();
      await phaseIs(roomId, 'streaming');
      expect(connectionsOf(roomId)).toBe(1);
      await end(roomId);
    },
  );

  it('shows in one sentence what is wrong with bad input', async () => {
    await ui.startRoom('bad-input', '"myspace:1"');
    await ui.result.getByText('"message": "There is no platform').waitFor();
    await shown(() => ui.main.innerText(), /Failed/);
    await shown(() => ui.result.innerText(), /The platforms are: bilibili\./);
  });
});

describe('the page of a room', () => {
  it('shows state, title, since when it is connected and what it collected, and the heartbeat of the pending activity', async () => {
    const roomId = await startStreaming();
    const title = stack.simulator.room(Number(roomId)).title;
    const metadata = () => ui.openWorkflow(roomWorkflowId(stack.room(roomId)), 'user-metadata');
    await shown(() => ui.currentDetails.innerText(), /Events\s+[1-9]/, metadata);
    const details = await ui.currentDetails.innerText();
    expect(details).toMatch(/State\s+streaming/);
    expect(details).toContain(title);
    expect(details).toMatch(/Popularity\s+[\d,]+/);
    expect(details).toMatch(/Connected since\s+20\d\d-\d\d-\d\d \d\d:\d\d:\d\d UTC/);
    expect(details).toMatch(/Endpoint\s+127\.0\.0\.1:\d+/);
    expect(details).toMatch(/Reconnects\s+0/);
    await shown(() => ui.main.innerText(), new RegExp(`bilibili:${roomId}`)); // the summary of its activity

    await ui.openTab('pending-activities');
    await ui.main.getByText('"connectionId"').waitFor();
    const pending = await ui.main.innerText();
    expect(pending).toContain('streamRoom');
    expect(pending).toMatch(/Attempt\s+1 of Unlimited/);
    expect(pending).toMatch(/Last Heartbeat\s+20\d\d-/);
    for (const field of ['endpoint', 'connectedAt', 'lastFrameAt', 'events', 'durableSeq']) {
      expect(pending).toContain(`"${field}"`);
    }

    await ui.openTab('search-attributes');
    await ui.main.getByText('"RoomState"').waitFor();
    await shown(() => ui.main.innerText(), /"RoomState": "streaming"/);
    await end(roomId);
  });

  it('cancels it: the socket is closed within 3 s, and the workflow ends Canceled', async () => {
    const roomId = await startStreaming();
    await ui.openWorkflow(roomWorkflowId(stack.room(roomId)));
    await ui.press('Request Cancellation');
    await vi.waitFor(() => expect(connectionsOf(roomId)).toBe(0), { timeout: 3_000, interval: 20 });
    await ui.main.getByText('Canceled', { exact: true }).first().waitFor();
    expect((await actorOf(roomId).describe()).status.name).toBe('CANCELLED');
  });
});

describe('failure history', () => {
  it('shows one completed activity a connection with its record, and a room that cannot connect with attempt, reason and next retry', async () => {
    const { roomId, since } = healthy;
    const other = await startStreaming();
    await vi.waitUntil(() => Date.now() > since + HEALTHY_AFTER_MS, SOON);
    const { faults, sockets } = stack.simulator;
    for (const place of sockets.hosts.keys()) faults.endpointDown(place, 120_000);
    faults.dropRoom(Number(roomId));

    const pending = (): Promise<void> => ui.openWorkflow(roomWorkflowId(stack.room(roomId)), 'pending-activities');
    await shown(
      () => ui.main.innerText(),
      /Attempt\s+[2-9] of Unlimited[^]*Next Retry\s+20\d\d-[^]*Last Failure/,
      pending,
    );
    const failure = await ui.main.innerText();
    expect(failure).toMatch(
      /"message": "Room \d+: 127\.0\.0\.1:\d+ cannot be reached[^"]*The next attempt takes the next endpoint\."/,
    );
    expect(failure).toContain('"type": "CONNECT_FAILED"');

    await lastAttempt(roomId);
    await ui.openWorkflow(roomWorkflowId(stack.room(roomId)));
    await ui.completedActivities.filter({ hasText: '"end":"lost"' }).first().click();
    const record =
      /"end": "lost"[^]*"endpoint": "127\.0\.0\.1:\d+"[^]*"connectedAt": \d+[^]*"endedAt": \d+[^]*"counts"/;
    await shown(() => ui.main.innerText(), record);

    await phaseIs(roomId, 'suspended');
    await vi.waitFor(async () => {
      expect(await ui.list("WorkflowType='room' AND RoomState='suspended'")).toEqual([`room:bilibili:${roomId}`]);
      expect(await ui.list("WorkflowType='room' AND RoomState='streaming'")).toEqual([`room:bilibili:${other}`]);
    }, SOON);
    await ui.openWorkflow(roomWorkflowId(stack.room(roomId)), 'user-metadata');
    await shown(
      () => ui.currentDetails.innerText(),
      /State\s+suspended[^]*Last error\s+Room \d+: .* cannot be reached/,
    );

    for (const place of sockets.hosts.keys()) faults.endpointDown(place, 0);
    await actorOf(roomId).signal('resume');
    await phaseIs(roomId, 'streaming');
    await Promise.all([end(roomId), end(other)]);
  });
});

/** Lets the attempts under way be the last, so that nobody has to wait for the tenth. */
async function lastAttempt(roomId: string): Promise<void> {
  await stack.client.workflowService.updateActivityOptions({
    namespace: stack.namespace,
    execution: { workflowId: roomWorkflowId(stack.room(roomId)) },
    type: 'streamRoom',
    activityOptions: { retryPolicy: { maximumAttempts: 1 } },
    updateMask: { paths: ['retry_policy.maximum_attempts'] },
  });
}

describe('the buttons of the pending activity, within a heartbeat', () => {
  it('stop it with Pause, and let it go on with Unpause', async () => {
    const roomId = await startStreaming();
    await ui.openWorkflow(roomWorkflowId(stack.room(roomId)), 'pending-activities');
    await ui.press('Pause', 'maintenance');
    await vi.waitFor(() => expect(connectionsOf(roomId)).toBe(0), WITHIN_A_HEARTBEAT);
    await ui.page.reload();
    await ui.main.getByText('Paused Reason').waitFor();
    await shown(() => ui.main.innerText(), /Paused[^]*Paused Reason\s+maintenance/);
    await ui.press('Unpause');
    await vi.waitFor(() => expect(connectionsOf(roomId)).toBe(1), SOON);
    const { connections } = await vi.waitUntil(async () => {
      const overview = await stack.store.records.roomOverview(`bilibili:${roomId}`);
      return overview.connections.length === 2 ? overview : undefined;
    }, SOON);
    expect(connections.map((connection) => connection.end)).toContain('paused');
    await end(roomId);
  });

  it('connect it anew with Reset', async () => {
    const roomId = await startStreaming();
    const before = stack.simulator.connections(Number(roomId))[0];
    await ui.openWorkflow(roomWorkflowId(stack.room(roomId)), 'pending-activities');
    await ui.press('Reset');
    await vi.waitFor(() => {
      const [now] = stack.simulator.connections(Number(roomId));
      expect(now).toBeDefined();
      expect(now).not.toBe(before);
    }, WITHIN_A_HEARTBEAT);
    await end(roomId);
  });
});
