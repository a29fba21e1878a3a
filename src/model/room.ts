import { z } from 'zod';
import { EventKind } from './event-kind.js';

/** `<platform>:<roomId>`, the key of a room everywhere: in workflow ids, in `rooms`, in the CLI. */
export const RoomKey = z.string().regex(/^[a-z][a-z0-9]{1,15}:[A-Za-z0-9_-]{1,63}$/);

/** A room on its platform; `roomId` may be a short id until it is resolved. */
export const RoomRef = z.strictObject({ platform: z.string(), roomId: z.string() });
export type RoomRef = z.output<typeof RoomRef>;

export const roomKey = ({ platform, roomId }: RoomRef): string => `${platform}:${roomId}`;

/** The id of the one actor of a room. */
export const roomWorkflowId = (room: RoomRef): string => `room:${roomKey(room)}`;

/** The id of a broadcast: `startedAt` in milliseconds since the epoch. */
export const sessionIdOf = (room: RoomRef, startedAt: number): string =>
  `${roomKey(room)}:${Math.floor(startedAt / 1000)}`;

/** How long a room is wanted: to the end of the broadcast, or until somebody cancels it. */
export const Until = z.enum(['offline', 'cancelled']);
export type Until = z.output<typeof Until>;

export const RoomOrder = z.strictObject({
  room: z.string().min(1).max(300).describe('"bilibili:22603245", or the URL of the room.'),
  until: Until.default('cancelled').describe(
    '"cancelled" waits for the next broadcast; "offline" ends after this one.',
  ),
  priority: z.int().min(1).max(5).default(3).describe('1 is placed first when connections are short.'),
  exclude: z.array(EventKind).max(13).default([]).describe('Kinds that are counted but not stored.'),
  offlineGraceMs: z
    .int()
    .min(0)
    .max(86_400_000)
    .default(300_000)
    .describe('How long after the end of a broadcast the connection stays, in ms: streamers drop and come back.'),
  startedBy: z.enum(['person', 'discovery']).default('person'),
});
export type RoomOrder = z.output<typeof RoomOrder>;
