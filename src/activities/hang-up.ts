import type { StreamRegistry } from './stream-registry.js';

/** Activities on a worker's own queue that reach the sockets it holds. */
export interface HangUpActivities {
  /** Ends the stream of a room on this worker, if there is one; resolves at once, the stream's own activity tells how it ended. */
  hangUp(request: { room: string; reason: 'cancelled' | 'paused' | 'reconnect' }): Promise<{ found: boolean }>;
}

export const createHangUpActivities = (registry: StreamRegistry): HangUpActivities => ({
  hangUp: ({ room, reason }) => Promise.resolve({ found: registry.hangUp(room, reason) }),
});
