import { z } from 'zod';

/** Every kind of event, for all platforms. What a platform says beyond these is a `notice` with its raw form. */
export const EVENT_KINDS = [
  'chat',
  'gift',
  'superchat',
  'membership',
  'enter',
  'follow',
  'like',
  'share',
  'live_start',
  'live_end',
  'room_change',
  'moderation',
  'notice',
] as const;

export const EventKind = z.enum(EVENT_KINDS);
export type EventKind = z.output<typeof EventKind>;
