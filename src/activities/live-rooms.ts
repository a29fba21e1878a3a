import { Context } from '@temporalio/activity';
import type { Client } from '@temporalio/client';
import type { DiscoverySettings, SweepPlan } from '../model/discovery.js';
import { streamTaskQueue } from '../model/stream.js';
import type { LiveRoom, Platform } from '../platforms/platform.js';
import { planSweep, type RunningRoom } from './sweep-plan.js';
import { slotsOf } from './worker-identity.js';

export interface DiscoveryActivities {
  /** Lists the live rooms, compares them with those that run, and says what to start and what to retire. */
  planRooms(request: { settings: DiscoverySettings; below: Record<string, number> }): Promise<SweepPlan>;
}

export interface DiscoveryDeps {
  platformOf: (id: string) => { platform: Platform };
  client: Client;
  namespace: string;
  now: () => number;
}

const DAY_MS = 86_400_000;
const CALL_DEADLINE_MS = 30_000;
const MOST_ROOMS = 100_000;

/** `ACTIVITY` in Temporal's `TaskQueueType`. */
const ACTIVITY_TASK_QUEUE = 2;

export const createDiscoveryActivities = (deps: DiscoveryDeps): DiscoveryActivities => ({
  async planRooms({ settings, below }) {
    const { platform } = deps.platformOf(settings.platform);
    const live = await liveRooms(platform, settings);
    const [running, leaveAlone, slots] = await Promise.all([
      runningRooms(deps, settings.platform),
      roomsToLeaveAlone(deps, settings.platform),
      slotsOfWorkers(deps, settings.platform),
    ]);
    return planSweep({ settings, live, running, leaveAlone, slots, below });
  },
});

async function liveRooms(platform: Platform, { areas, maxPages }: DiscoverySettings): Promise<LiveRoom[]> {
  const { cancellationSignal, heartbeat } = Context.current();
  const rooms: LiveRoom[] = [];
  for await (const page of platform.liveRooms({ areas, maxPages }, cancellationSignal)) {
    rooms.push(...page);
    heartbeat({ listed: rooms.length });
  }
  return rooms;
}

async function runningRooms({ client }: DiscoveryDeps, platform: string): Promise<RunningRoom[]> {
  const rooms: RunningRoom[] = [];
  const query = `WorkflowType = 'room' AND ExecutionStatus = 'Running' AND Platform = '${platform}'`;
  await client.withDeadline(Date.now() + CALL_DEADLINE_MS, async () => {
    for await (const { workflowId, searchAttributes } of client.workflow.list({ query })) {
      const roomId = roomIdOf(workflowId, platform);
      if (roomId === undefined || rooms.length >= MOST_ROOMS) continue;
      rooms.push({ roomId, startedBy: String(searchAttributes['StartedBy']?.[0] ?? 'person') });
    }
  });
  return rooms;
}

/** Rooms that refused us, or that a person ended: started again within a minute, they would be a nuisance to both. */
async function roomsToLeaveAlone({ client, now }: DiscoveryDeps, platform: string): Promise<Set<string>> {
  const rooms = new Set<string>();
  const since = new Date(now() - DAY_MS).toISOString();
  const ended = `ExecutionStatus IN ('Failed', 'Canceled', 'Terminated') AND CloseTime > '${since}'`;
  const query = `WorkflowType = 'room' AND Platform = '${platform}' AND ${ended}`;
  await client.withDeadline(Date.now() + CALL_DEADLINE_MS, async () => {
    for await (const { workflowId } of client.workflow.list({ query })) {
      const roomId = roomIdOf(workflowId, platform);
      if (roomId !== undefined && rooms.size < MOST_ROOMS) rooms.add(roomId);
    }
  });
  return rooms;
}

const roomIdOf = (workflowId: string, platform: string): string | undefined =>
  workflowId.startsWith(`room:${platform}:`) ? workflowId.slice(`room:${platform}:`.length) : undefined;

/** The connections that the workers polling now can hold, as they tell in their identities. */
async function slotsOfWorkers({ client, namespace }: DiscoveryDeps, platform: string): Promise<number> {
  const { pollers } = await client.withDeadline(Date.now() + CALL_DEADLINE_MS, () =>
    client.workflowService.describeTaskQueue({
      namespace,
      taskQueue: { name: streamTaskQueue(platform) },
      taskQueueType: ACTIVITY_TASK_QUEUE,
    }),
  );
  const identities = new Set((pollers ?? []).map(({ identity }) => identity ?? ''));
  return [...identities].reduce((sum, identity) => sum + slotsOf(identity), 0);
}
