import type { Info } from '@temporalio/activity';
import { StreamHeartbeat } from '../model/stream.js';

/** So many attempts in a row that come to nothing are enough: the actor rests before it asks for more. */
export const MOST_FAILURES_IN_A_ROW = 10;

/**
 * Attempts of `streamRoom` that came to nothing since a connection of this activity last lived. Temporal's own count would do, but for workers that
 * are restarted: each hand-over is an attempt to Temporal, and says nothing about the room.
 */
export function failuresInARow({ attempt, heartbeatDetails }: Pick<Info, 'attempt' | 'heartbeatDetails'>): number {
  const heartbeat = StreamHeartbeat.safeParse(heartbeatDetails);
  const { attempt: last = 0, failures = 0 } = heartbeat.success ? heartbeat.data : {};
  return Math.max(0, failures + (attempt - 1 - last));
}
