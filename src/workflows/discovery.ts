import {
  ActivityFailure,
  getExternalWorkflowHandle,
  log,
  ParentClosePolicy,
  proxyActivities,
  setCurrentDetails,
  startChild,
} from '@temporalio/workflow';
import { WorkflowExecutionAlreadyStartedError } from '@temporalio/common';
import type { DiscoveryActivities } from '../activities/live-rooms.js';
import { DiscoverySettings, type SweepPlan } from '../model/discovery.js';
import { roomKey, RoomOrder, roomWorkflowId } from '../model/room.js';
import { roomStart } from '../model/room-attributes.js';
import { TASK_QUEUE } from '../model/stream.js';
import { fatal, inputOrFail, reasonOf } from './failures.js';
import { retire } from './room-messages.js';

/** How many rooms are started at a time: a start is an event of this history and some work for the server. */
const STARTS_AT_ONCE = 50;

const { planRooms } = proxyActivities<DiscoveryActivities>({
  taskQueue: TASK_QUEUE,
  startToCloseTimeout: '10 minutes', // a sweep reads many pages at a polite rate
  heartbeatTimeout: '1 minute',
  retry: { initialInterval: '5 seconds', maximumInterval: '1 minute', maximumAttempts: 5 },
});

/** What one sweep did; the next one reads `below` of it. */
export interface DiscoveryReport {
  listed: number;
  running: number;
  slots: number;
  started: number;
  retired: number;
  leftAlone: string[];
  below: Record<string, number>;
}

/** One sweep over a platform's live rooms: starts what is missing, retires what it started and nobody watches any more. */
export async function discovery(input: unknown): Promise<DiscoveryReport> {
  const settings = inputOrFail(DiscoverySettings, input ?? {});
  const plan = await planRooms({ settings }).catch((error: unknown) => {
    if (!(error instanceof ActivityFailure)) throw error;
    const { code, message } = reasonOf(error);
    throw fatal(code, message); // fails this sweep and touches no room; the Schedule begins the next one
  });
  const started = await startRooms(plan, settings);
  const retired = await retireRooms(plan);
  const { listed, running, slots, leftAlone, below } = plan;
  setCurrentDetails(
    `${listed} live rooms listed, ${running} running of ${slots} slots; started ${started}, retired ${retired}.`,
  );
  return { listed, running, slots, started, retired, leftAlone, below };
}

async function startRooms({ start }: SweepPlan, settings: DiscoverySettings): Promise<number> {
  let started = 0;
  for (let at = 0; at < start.length; at += STARTS_AT_ONCE) {
    const outcomes = await Promise.all(start.slice(at, at + STARTS_AT_ONCE).map((one) => startRoom(one, settings)));
    started += outcomes.filter(Boolean).length;
  }
  return started;
}

/** True where the room was not running before. */
async function startRoom(
  { room, priority, popularity }: SweepPlan['start'][number],
  settings: DiscoverySettings,
): Promise<boolean> {
  const { offlineGraceMs } = settings;
  const order = RoomOrder.parse({
    room: roomKey(room),
    until: 'offline',
    priority,
    offlineGraceMs,
    startedBy: 'discovery',
  });
  try {
    await startChild('room', { ...roomStart(room, order, popularity), parentClosePolicy: ParentClosePolicy.ABANDON });
    return true;
  } catch (error) {
    if (error instanceof WorkflowExecutionAlreadyStartedError) return false;
    throw error;
  }
}

async function retireRooms(plan: SweepPlan): Promise<number> {
  let retired = 0;
  for (const { room, rank } of plan.retire) {
    const reason =
      rank === undefined ? 'It is no longer among the live rooms listed.' : `Its rank has fallen to ${rank + 1}.`;
    try {
      await getExternalWorkflowHandle(roomWorkflowId(room)).signal(retire, reason);
      retired += 1;
    } catch (error) {
      log.info('a room to be retired had ended', { room: roomKey(room), error });
    }
  }
  return retired;
}
