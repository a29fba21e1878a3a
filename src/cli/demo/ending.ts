import type { Client } from '@temporalio/client';
import { setTimeout as sleep } from 'node:timers/promises';
import { roomWorkflowId } from '../../model/room.js';
import type { Simulator } from '../../simulator/simulator.js';
import type { DemoWorker } from './worker-process.js';

const PLATFORM = 'bilibili';
const CALL_WITHIN_MS = 15_000;
const SWEEP_ENDS_WITHIN_MS = 30_000;
const ROOMS_END_WITHIN_MS = 60_000;
const ROOMS_AT_ONCE = 50;
/** A connection that is slow on purpose gets its last piece within this. */
const ON_THE_WAY_MS = 3_000;
/** Nothing new for so long counts as silence. */
const SILENCE_MS = 1_000;
const LOOK_EVERY_MS = 100;
const DRAINED_WITHIN_MS = 120_000;

/** Makes no further message and no further fault, and waits until what was sent has come through. False where the spool did not empty in time. */
export async function stopLoad(simulator: Simulator, worker: DemoWorker): Promise<boolean> {
  simulator.faults.stop();
  simulator.traffic.stop();
  const stoppedAt = Date.now();
  let before = '';
  let changedAt = stoppedAt;
  while (Date.now() - stoppedAt < DRAINED_WITHIN_MS) {
    await sleep(LOOK_EVERY_MS);
    await worker.mustRun();
    const page = await worker.metrics();
    if (page === undefined) continue;
    const now = `${simulator.stats().messagesSent} ${page.sum('barrage_events_accepted_total')}`;
    if (now !== before) changedAt = Date.now();
    before = now;
    const isQuiet = Date.now() - changedAt >= SILENCE_MS && Date.now() - stoppedAt >= ON_THE_WAY_MS;
    if (isQuiet && page.sum('barrage_spool_depth') === 0) return true;
  }
  return false;
}

/** Ends discovery and every room as an operator would, and waits until their last records are in MongoDB. */
export async function endRooms(client: Client, simulator: Simulator, worker: DemoWorker): Promise<boolean> {
  await endDiscovery(client);
  const rooms = simulator.rooms.map(({ face }) => roomWorkflowId({ platform: PLATFORM, roomId: String(face.roomId) }));
  for (let at = 0; at < rooms.length; at += ROOMS_AT_ONCE)
    await Promise.all(rooms.slice(at, at + ROOMS_AT_ONCE).map((workflowId) => endRoom(client, workflowId)));
  return isDrained(worker);
}

async function endDiscovery(client: Client): Promise<void> {
  const schedule = client.schedule.getHandle(`discovery:${PLATFORM}`);
  const { info } = await client.withDeadline(Date.now() + CALL_WITHIN_MS, async () => {
    await schedule.pause('The demo is over.');
    return schedule.describe();
  });
  // A sweep under way would start rooms that are being ended.
  for (const { workflow } of info.runningActions) await over(client, workflow.workflowId, SWEEP_ENDS_WITHIN_MS);
}

async function endRoom(client: Client, workflowId: string): Promise<void> {
  await client
    .withDeadline(Date.now() + CALL_WITHIN_MS, () => client.workflow.getHandle(workflowId).cancel())
    .catch(() => undefined); // it was never started, or has ended
  await over(client, workflowId, ROOMS_END_WITHIN_MS);
}

/** Waits until a workflow has ended, however it did; one that was never there has. */
async function over(client: Client, workflowId: string, withinMs: number): Promise<void> {
  await client
    .withDeadline(Date.now() + withinMs, () => client.workflow.getHandle(workflowId).result())
    .catch(() => undefined);
}

async function isDrained(worker: DemoWorker): Promise<boolean> {
  const until = Date.now() + DRAINED_WITHIN_MS;
  while (Date.now() < until) {
    await worker.mustRun();
    if ((await worker.metrics())?.sum('barrage_spool_depth') === 0) return true;
    await sleep(LOOK_EVERY_MS);
  }
  return false;
}
