import { z } from 'zod';
import { AudienceValues } from './audience.js';
import { ConnectionRecord, PreviousConnection } from './connection.js';
import { SpooledEvent } from './event.js';

/** Why nothing was recorded for a while. */
export const GapReason = z.enum([
  'late-start',
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
  'worker-lost',
]);
export type GapReason = z.output<typeof GapReason>;

/**
 * A hole in a room's record, or one side's knowledge of it. Writers on different workers each know one end, in any order:
 * `from` only ever grows (`$max`) and `to` only shrinks (`$min`), so a late, more exact report narrows the hole, and no order of arrival loses one.
 */
export const GapRecord = z.strictObject({
  _id: z.string().describe('`after:<connectionId>` of the connection before it, or `start:<sessionId>`.'),
  platform: z.string(),
  roomId: z.string(),
  sessionId: z.string().optional(),
  from: z.int(),
  to: z.int().optional().describe('Absent while the hole is open.'),
  reason: GapReason.optional(),
  previousConnectionId: z.string().optional(),
  nextConnectionId: z.string().optional(),
});
export type GapRecord = z.output<typeof GapRecord>;

/** A broadcast, as far as it was followed. */
export const SessionRecord = z.strictObject({
  _id: z.string().describe('`<platform>:<roomId>:<start of the broadcast, seconds since the epoch>`'),
  platform: z.string(),
  roomId: z.string(),
  title: z.string().optional(),
  areaName: z.string().optional(),
  parentAreaName: z.string().optional(),
  startedAt: z.int().optional(),
  openedAt: z
    .int()
    .optional()
    .describe('When the last of its connections began: it opens a session again that had been closed before.'),
  closedAt: z.int().optional().describe('When it was known to be over, which is at `endedAt` or later.'),
  endedAt: z.int().optional(),
  end: z.enum(['offline', 'cancelled', 'retired', 'failed']).optional(),
  totals: z.record(z.string(), z.int()).optional().describe('Accepted events by kind.'),
  connections: z.int().optional(),
});
export type SessionRecord = z.output<typeof SessionRecord>;

/** What is known of a room. */
export const RoomRecord = z.strictObject({
  _id: z.string().describe('`<platform>:<roomId>`'),
  platform: z.string(),
  roomId: z.string(),
  shortId: z.string().optional(),
  ownerId: z.string().optional(),
  ownerName: z.string().optional(),
  title: z.string().optional(),
  areaName: z.string().optional(),
  parentAreaName: z.string().optional(),
  popularity: z.int().optional(),
  state: z.string().optional(),
  lastConnection: PreviousConnection.optional().describe(
    'Where the record of the room ended last: the next connection writes down the hole since.',
  ),
  seenAt: z.int(),
});
export type RoomRecord = z.output<typeof RoomRecord>;

/** A message that could not be read. */
export const DeadLetter = z.strictObject({
  _id: z.string().describe('`<connectionId>:<frame>.<packet>`'),
  platform: z.string(),
  roomId: z.string(),
  connectionId: z.string(),
  receivedAt: z.int(),
  reason: z.string().max(300),
  bytes: z.int().describe('Its length before it was cut.'),
  base64: z.string().max(8192).describe('Its beginning.'),
});
export type DeadLetter = z.output<typeof DeadLetter>;

/** One point of a room's audience series. */
export const AudiencePoint = z.strictObject({
  _id: z.string().describe('`<platform>:<roomId>:<start of the window, milliseconds since the epoch>`'),
  platform: z.string(),
  roomId: z.string(),
  at: z.int().describe('Start of the window.'),
  values: AudienceValues,
});
export type AudiencePoint = z.output<typeof AudiencePoint>;

/** Everything that goes through the spool, in the order in which it is to be stored. */
export type SpoolEntry =
  | { type: 'event'; event: SpooledEvent }
  | { type: 'connection'; connection: ConnectionRecord }
  | { type: 'gap'; gap: GapRecord }
  | { type: 'session'; session: SessionRecord }
  | { type: 'room'; room: RoomRecord }
  | { type: 'deadLetter'; deadLetter: DeadLetter }
  | { type: 'audience'; audience: AudiencePoint };

export const SpoolEntry = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('event'), event: SpooledEvent }),
  z.strictObject({ type: z.literal('connection'), connection: ConnectionRecord }),
  z.strictObject({ type: z.literal('gap'), gap: GapRecord }),
  z.strictObject({ type: z.literal('session'), session: SessionRecord }),
  z.strictObject({ type: z.literal('room'), room: RoomRecord }),
  z.strictObject({ type: z.literal('deadLetter'), deadLetter: DeadLetter }),
  z.strictObject({ type: z.literal('audience'), audience: AudiencePoint }),
]) satisfies z.ZodType<SpoolEntry>;

/** Entries `from`…`to`, both included; the entry at `entries[i]` has the sequence number `from + i`. */
export interface SpoolRange {
  from: number;
  to: number;
  bytes: number;
  entries: SpoolEntry[];
}
