import type { EventKind } from './event-kind.js';

/**
 * How full the spool must be, as a part of its quota, before events of a kind are dropped: what says least goes first.
 * A kind at 1 is given up only when the spool refuses it.
 */
export const SHED_FROM: Readonly<Record<EventKind, number>> = {
  enter: 0.95,
  like: 0.95,
  share: 0.95,
  follow: 0.95,
  notice: 0.95,
  chat: 0.97,
  gift: 0.99,
  superchat: 1,
  membership: 1,
  live_start: 1,
  live_end: 1,
  room_change: 1,
  moderation: 1,
};

/** From here on some kind is shed: the spool is full. */
export const FULL_FROM = Math.min(...Object.values(SHED_FROM));
