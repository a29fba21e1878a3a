import { z } from 'zod';
import { ConnectionCounts, ConnectionEnd, PreviousConnection } from './connection.js';
import { EventKind } from './event-kind.js';
import { Until } from './room.js';

/** A broadcast as the actor knows it; times are milliseconds since the epoch. */
export const Session = z.strictObject({
  id: z.string(),
  startedAt: z.int(),
  title: z.string().optional(),
  areaName: z.string().optional(),
  parentAreaName: z.string().optional(),
});
export type Session = z.output<typeof Session>;

export const SessionTotals = z.strictObject({
  events: z.record(z.string(), z.int()).describe('Accepted, by kind.'),
  connections: z.int(),
});
export type SessionTotals = z.output<typeof SessionTotals>;

/** A session that is over and whose record is still to be written. */
export const ClosingSession = z.strictObject({
  session: Session,
  totals: SessionTotals,
  end: z.enum(['offline', 'cancelled', 'retired', 'failed']),
  endedAt: z.int(),
});
export type ClosingSession = z.output<typeof ClosingSession>;

/** Input of `streamRoom`: one connection to one room. */
export const StreamRequest = z.strictObject({
  platform: z.string(),
  roomId: z.string(),
  ownerId: z.string().optional(),
  session: Session,
  until: Until,
  exclude: z.array(EventKind),
  offlineGraceMs: z.int(),
  previous: PreviousConnection.optional(),
});
export type StreamRequest = z.output<typeof StreamRequest>;

/** What a `streamRoom` did; without `connection` where it was told to stop before it had one. */
export const StreamReport = z.strictObject({
  end: ConnectionEnd,
  detail: z.string(),
  connection: z
    .strictObject({
      connectionId: z.string(),
      workerId: z.string(),
      endpoint: z.string(),
      connectedAt: z.int(),
      coveredUntil: z.int(),
      endedAt: z.int(),
      counts: ConnectionCounts,
    })
    .optional(),
  /** When the broadcast ended, where it did. */
  liveEndedAt: z.int().optional(),
  /** What passed over the connections of earlier attempts of the same activity, which had no report of their own. */
  earlier: SessionTotals.optional(),
});
export type StreamReport = z.output<typeof StreamReport>;

/**
 * Of `streamRoom`, after its last heartbeat. Each heartbeat is two writes of Temporal's, the other one for the timer; a worker that dies and comes back fails
 * its attempts itself.
 */
export const STREAM_HEARTBEAT_TIMEOUT_MS = 60_000;

/** What a heartbeat of `streamRoom` tells: people read it in the UI, and the next attempt where this one began its hole. */
export const StreamHeartbeat = z.strictObject({
  state: z.enum(['connecting', 'streaming', 'closing']),
  attempt: z.int().optional().describe('Of the activity; the one that wrote this.'),
  failures: z.int().optional().describe('Attempts in a row that came to nothing, should this one end now.'),
  connectionId: z.string().optional(),
  sessionId: z.string().optional(),
  workerId: z.string(),
  endpoint: z.string().optional(),
  connectedAt: z.int().optional(),
  lastFrameAt: z.int().optional(),
  coveredUntil: z.int().optional(),
  events: z.int().optional(),
  durableSeq: z.int().optional(),
  accepted: z.record(z.string(), z.int()).optional().describe('By kind, of this connection.'),
  earlier: SessionTotals.optional().describe('Of the connections of earlier attempts.'),
  previous: PreviousConnection.optional().describe(
    'Before the connection: the hole between them may not be written yet.',
  ),
});
export type StreamHeartbeat = z.output<typeof StreamHeartbeat>;

/** What a running stream tells its actor by signal. */
export const Observation = z.strictObject({
  state: z.enum(['connecting', 'streaming', 'paused']),
  workerId: z.string(),
  lastError: z.string().max(500).optional(),
  connectionId: z.string().optional(),
  endpoint: z.string().optional(),
  connectedAt: z.int().optional(),
  events: z.int().optional(),
  title: z.string().optional(),
  popularity: z.int().optional(),
});
export type Observation = z.output<typeof Observation>;

/** A worker's id, as its spool folder keeps it. */
export const WorkerId = z.string().regex(/^w[a-z0-9]{4,16}$/);

/** The task queue of what only one worker can do: its spool, its sockets. */
export const workerTaskQueue = (workerId: string): string => `barrage-worker-${workerId}`;

/** The task queue of a platform's connections. */
export const streamTaskQueue = (platform: string): string => `barrage-stream-${platform}`;

/** The task queue of workflows and light activities. */
export const TASK_QUEUE = 'barrage';
