import type { Info } from '@temporalio/activity';
import { type SessionTotals, StreamHeartbeat } from '../model/stream.js';

/**
 * What passed over the connections of earlier attempts of this activity, by the last heartbeat of the one before: they failed, so they have no
 * report, and the session's totals would miss them. `connectionId` names this attempt's own connection, which it may have taken over.
 */
export function earlierOf(
  { heartbeatDetails }: Pick<Info, 'heartbeatDetails'>,
  connectionId?: string,
): { earlier?: SessionTotals } {
  const heartbeat = StreamHeartbeat.safeParse(heartbeatDetails);
  if (!heartbeat.success) return {};
  const { earlier = { events: {}, connections: 0 }, accepted, state } = heartbeat.data;
  const isOwn = connectionId !== undefined && heartbeat.data.connectionId === connectionId;
  if (accepted === undefined || state === 'connecting' || isOwn) return earlier.connections > 0 ? { earlier } : {};
  const events = { ...earlier.events };
  for (const [kind, count] of Object.entries(accepted)) events[kind] = (events[kind] ?? 0) + count;
  return { earlier: { events, connections: earlier.connections + 1 } };
}
