import { Context } from '@temporalio/activity';
import type { Client } from '@temporalio/client';
import { defineSearchAttributeKey } from '@temporalio/common';
import { type DiscoverySettings, SweepMemory, type SweepPlan } from '../model/discovery.js';
import { streamTaskQueue } from '../model/stream.js';
import type { LiveRoom, Platform } from '../platforms/platform.js';
import { planSweep, type RunningRoom } from './sweep-plan.js';
import { beatingEvery } from './beating.js';
import { pollersOf } from './pollers.js';
import { slotsOf, workerIdOf } from './worker-identity.js';

export interface DiscoveryActivities {
  /** Lists the live rooms, compares them with those that run, and says what to start and what to retire. */
  planRooms(request: { settings: DiscoverySettings }): Promise<SweepPlan>;
}

export interface DiscoveryDeps {
  platformOf: (id: string) => { platform: Platform };
  client: Client;
  namespace: string;
  now: () => number;
}

const STARTED_BY = defineSearchAttributeKey('StartedBy', 'KEYWORD');

const DAY_MS = 86_400_000;
const CALL_DEADLINE_MS = 30_000;
const MOST_ROOMS = 100_000;
const HEARTBEAT_EVERY_MS = 10_000;

export const createDiscoveryActivities = (deps: DiscoveryDeps): DiscoveryActivities => ({
  async planRooms({ settings }) {
    const { platform } = deps.platformOf(settings.platform);
    const live = await liveRooms(platform, settings);
    const [below, running, leaveAlone, slots] = await Promise.all([
      lastSweep(deps, settings.platform),
      runningRooms(deps, settings.platform),
      roomsToLeaveAlone(deps, settings.platform),
      slotsOfWorkers(deps, settings.platform),
    ]);
    return planSweep({ settings, live, running, leaveAlone, slots, below });
  },
});

async function liveRooms(platform: Platform, { areas, maxPages }: DiscoverySettings): Promise<LiveRoom[]> {
  const { cancellationSignal } = Context.current();
  const rooms: LiveRoom[] = [];
  const list = async (): Promise<void> => {
    for await (const page of platform.liveRooms({ areas, maxPages }, cancellationSignal)) rooms.push(...page);
  };
  // Not with each page: one may wait for minutes for its turn with the platform.
  await beatingEvery(HEARTBEAT_EVERY_MS, list, () => ({ listed: rooms.length }));
  return rooms;
}

/**
 * In how many sweeps in a row each room has been far below, by the last sweep of the Schedule. A Schedule could pass on its last result by itself;
 * the server does so only where it had to wait for that run (seen with 1.29.1).
 */
async function lastSweep({ client }: DiscoveryDeps, platform: string): Promise<Record<string, number>> {
  const query = `WorkflowType = 'discovery' AND ExecutionStatus = 'Completed' AND TemporalScheduledById = 'discovery:${platform}'`;
  return client.withDeadline(Date.now() + CALL_DEADLINE_MS, async () => {
    const latest = await client.workflow.list({ query, pageSize: 1 })[Symbol.asyncIterator]().next();
    if (latest.done === true) return {};
    const report: unknown = await client.workflow.getHandle(latest.value.workflowId, latest.value.runId).result();
    const memory = SweepMemory.safeParse(report);
    return memory.success ? memory.data.below : {};
  });
}

async function runningRooms({ client }: DiscoveryDeps, platform: string): Promise<RunningRoom[]> {
  const rooms: RunningRoom[] = [];
  const query = `WorkflowType = 'room' AND ExecutionStatus = 'Running' AND Platform = '${platform}'`;
  await client.withDeadline(Date.now() + CALL_DEADLINE_MS, async () => {
    for await (const { workflowId, typedSearchAttributes } of client.workflow.list({ query })) {
      const roomId = roomIdOf(workflowId, platform);
      if (roomId === undefined || rooms.length >= MOST_ROOMS) continue;
      rooms.push({ roomId, startedBy: typedSearchAttributes.get(STARTED_BY) ?? 'person' });
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

/** The connections that the workers polling now can hold, as they tell in their identities. A worker that was started again has another one, and counts once. */
async function slotsOfWorkers({ client, namespace, now }: DiscoveryDeps, platform: string): Promise<number> {
  const identities = await client.withDeadline(Date.now() + CALL_DEADLINE_MS, () =>
    pollersOf({ client, namespace }, streamTaskQueue(platform), now()),
  );
  const workers = new Map(identities.map((identity) => [workerIdOf(identity), slotsOf(identity)]));
  return [...workers.values()].reduce((sum, slots) => sum + slots, 0);
}
