import type { Client } from '@temporalio/client';
import { roomWorkflowId } from '../model/room.js';

/** How large the histories of the rooms' present runs are. */
export interface Histories {
  longest: number;
  mean: number;
  largestBytes: number;
  meanBytes: number;
}

const CALL_WITHIN_MS = 10_000;
/** More would be a load of its own. */
const MOST_ASKED = 50;

/** Asks Temporal about rooms, up to fifty of them; undefined where it does not answer. */
export async function roomHistories(client: Client, roomIds: readonly number[]): Promise<Histories | undefined> {
  const step = Math.max(1, Math.ceil(roomIds.length / MOST_ASKED));
  const asked = roomIds.filter((_, at) => at % step === 0);
  const describe = async (roomId: number): Promise<{ events: number; bytes: number }> => {
    const handle = client.workflow.getHandle(roomWorkflowId({ platform: 'bilibili', roomId: String(roomId) }));
    const { historyLength, historySize = 0 } = await handle.describe();
    return { events: historyLength, bytes: historySize };
  };
  const found = await within(client, () => Promise.all(asked.map(describe)));
  if (found === undefined || found.length === 0) return undefined;
  const events = found.map((one) => one.events);
  const bytes = found.map((one) => one.bytes);
  return {
    longest: Math.max(...events),
    mean: meanOf(events),
    largestBytes: Math.max(...bytes),
    meanBytes: meanOf(bytes),
  };
}

/** How many workflows run, and how many of any state the server knows. */
export async function workflowCounts(client: Client): Promise<{ running: number; all: number } | undefined> {
  return within(client, async () => {
    const [running, all] = await Promise.all([
      client.workflow.count("ExecutionStatus = 'Running'"),
      client.workflow.count(),
    ]);
    return { running: running.count, all: all.count };
  });
}

const within = <T>(client: Client, call: () => Promise<T>): Promise<T | undefined> =>
  client.withDeadline(Date.now() + CALL_WITHIN_MS, call).catch(() => undefined);

const meanOf = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
