import { z } from 'zod';
import { EVENT_KINDS } from './event-kind.js';

/** Why a connection ended. `lost` is any end that nobody here asked for. */
export const ConnectionEnd = z.enum([
  'lost',
  'silent',
  'framing',
  'cancelled',
  'paused',
  'reconnect',
  'offline',
  'terminated',
  'worker-shutdown',
  'worker-crashed',
]);
export type ConnectionEnd = z.output<typeof ConnectionEnd>;

const LOSSES: readonly ConnectionEnd[] = ['lost', 'silent', 'framing'];

/** Whether nobody here asked for that end, in whichever way it came. */
export const isLoss = (end: ConnectionEnd): boolean => LOSSES.includes(end);

const count = z.int().min(0);
const countsByKind = z.partialRecord(z.enum(EVENT_KINDS), count);

/** What passed over one connection. Every message received is in exactly one of `accepted`, `filtered`, `shed`, `undecodable`, `audience`, `hints`. */
export const ConnectionCounts = z.strictObject({
  frames: count,
  bytes: count,
  accepted: countsByKind.describe('Durable in the spool.'),
  filtered: count.describe('Of a kind the configuration leaves out.'),
  shed: countsByKind.describe('Dropped because the spool was full.'),
  undecodable: count.describe('Kept as dead letters, as far as their bound allows.'),
  audience: count.describe('Numbers for the audience series.'),
  hints: count.describe('Site-wide messages that belong to no room.'),
});
export type ConnectionCounts = z.output<typeof ConnectionCounts>;

export const emptyCounts = (): ConnectionCounts => ({
  frames: 0,
  bytes: 0,
  accepted: {},
  filtered: 0,
  shed: {},
  undecodable: 0,
  audience: 0,
  hints: 0,
});

/** A document of `connections`: one connection, open while `endedAt` is absent. Times are milliseconds since the epoch on the way, dates in MongoDB. */
const connectionShape = <Time extends z.ZodType>(time: Time) => ({
  _id: z.string().describe('`<workerId>.<time in base 36><random>`'),
  platform: z.string(),
  roomId: z.string(),
  sessionId: z.string().optional(),
  workerId: z.string(),
  endpoint: z.string(),
  attempt: z.int().min(1),
  connectedAt: time,
  coveredUntil: time
    .optional()
    .describe('Everything the platform sent on this connection before it has been accepted, shed or counted.'),
  endedAt: time.optional(),
  end: ConnectionEnd.optional(),
  endDetail: z.string().max(300).optional(),
  counts: ConnectionCounts.optional(),
});
export const ConnectionRecord = z.strictObject(connectionShape(z.int()));
export type ConnectionRecord = z.output<typeof ConnectionRecord>;

/** The connection before this one, as far as it is known; where the hole between them begins. */
export const PreviousConnection = z.strictObject({
  connectionId: z.string(),
  sessionId: z.string().optional(),
  coveredUntil: z.int(),
});
export type PreviousConnection = z.output<typeof PreviousConnection>;
