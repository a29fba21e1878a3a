import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { TestStack } from '../stack.js';
import { shown } from './shown.js';
import type { TemporalUi } from './temporal-ui.js';
import { startUiStack } from './ui-stack.js';

const SOON = { timeout: 20_000, interval: 200 };
const SCHEDULE = 'discovery:bilibili';
const ROOMS = 10;
const STREAMING = "WorkflowType='room' AND RoomState='streaming'";
/** The picture in the README. */
const PICTURE = fileURLToPath(new URL('../../docs/images/temporal-ui-rooms.png', import.meta.url));

let stack: TestStack;
let ui: TemporalUi;
let stop: (() => Promise<void>) | undefined;

beforeAll(async () => {
  const simulator = { rooms: 14, rate: 60, offlineShare: 0.5 };
  const discovery = { enabled: true, everyMs: 86_400_000, rooms: ROOMS, maxPages: 3 };
  ({ stack, ui, stop } = await startUiStack({ simulator, config: { discovery } }));
});
afterAll(() => stop?.());

const described = () => stack.client.schedule.getHandle(SCHEDULE).describe();

/** The second worker has looked after everything that a worker looks after: its spool is being read. */
async function joinedBy(workerId: string): Promise<void> {
  await vi.waitFor(async () => {
    const ingest = await stack.client.workflow.getHandle(`ingest:${workerId}`).describe();
    expect(ingest.historyLength).toBeGreaterThan(10);
  }, SOON);
}

/** So that the picture shows more than one state: one room is paused, and one waits for its broadcast. */
async function makeItVaried(): Promise<void> {
  const { simulator, client } = stack;
  const started = new Set(await ui.list(STREAMING));
  const [resting = ''] = started;
  await client.workflow.getHandle(resting).signal('pause', 'asked for by the streamer');
  const other = simulator.rooms.find(
    ({ face, bar }) => bar === undefined && !started.has(`room:bilibili:${face.roomId}`),
  );
  if (other === undefined) throw new Error('the simulator has no room beyond those that discovery started');
  const { roomId } = other.face;
  simulator.setLive(roomId, false);
  const workflowId = `room:bilibili:${roomId}`;
  await client.workflow.start('room', { workflowId, taskQueue: 'barrage', args: [`bilibili:${roomId}`] });
}

describe('the Schedule of discovery', () => {
  it('is made by the worker and runs at once: the live rooms are streaming', async () => {
    const live = stack.liveRooms.map((roomId) => `room:bilibili:${roomId}`).sort();
    expect(live.length).toBeLessThan(ROOMS);
    await vi.waitFor(async () => expect((await ui.list(STREAMING)).sort()).toEqual(live), SOON);
    await ui.openSchedule(SCHEDULE);
    await shown(() => ui.main.innerText(), /it is never overwritten/);
  });

  it('starts what is missing when it is triggered', async () => {
    for (const { face } of stack.simulator.rooms) stack.simulator.setLive(face.roomId, true);
    await ui.openSchedule(SCHEDULE);
    await ui.page.getByRole('button', { name: 'Schedule Actions' }).click();
    await ui.page.getByTestId('trigger-schedule').click();
    await ui.confirm();
    await vi.waitFor(async () => expect(await ui.list(STREAMING)).toHaveLength(ROOMS), SOON);
  });

  const takesPictures = process.env['BARRAGE_UPDATE_PICTURES'] === '1';
  if (takesPictures)
    it('has its picture taken for the README', async () => {
      await makeItVaried();
      await vi.waitFor(async () => {
        expect(await ui.list("WorkflowType='room' AND RoomState IN ('paused', 'waiting')")).toHaveLength(2);
      }, SOON);
      await ui.page.setViewportSize({ width: 1280, height: 720 });
      await ui.list("WorkflowType='room'");
      await ui.showColumns(['RoomState', 'Popularity', 'StartedBy', 'Start']);
      await ui.page.screenshot({ path: PICTURE, animations: 'disabled' });
    });

  it('stays paused, with the reason, when another worker starts, until somebody unpauses it', async () => {
    await ui.openSchedule(SCHEDULE);
    await ui.press('Pause', 'the platform is being repaired');
    await vi.waitFor(async () => expect((await described()).state.paused).toBe(true), SOON);
    const { workerId } = await stack.addWorker();
    await joinedBy(workerId);
    expect((await described()).state).toMatchObject({ paused: true, note: 'the platform is being repaired' });
    await ui.openSchedule(SCHEDULE);
    await shown(() => ui.main.innerText(), /Paused[^]*the platform is being repaired/);
    await ui.press('Unpause', 'repaired');
    await vi.waitFor(async () => expect((await described()).state.paused).toBe(false), SOON);
  });
});
