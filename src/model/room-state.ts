import { z } from 'zod';
import { RoomOrder, RoomRef } from './room.js';
import { PreviousConnection } from './connection.js';
import { ClosingSession, Observation, Session, SessionTotals } from './stream.js';

/** What a room's actor is doing, as `RoomState` in the UI's list. `connecting` is what it does from asking the platform about the room to receiving from it. */
export const RoomPhase = z.enum(['connecting', 'streaming', 'waiting', 'suspended', 'paused', 'ended', 'failed']);
export type RoomPhase = z.output<typeof RoomPhase>;

/** Why an actor gave up for good. */
const Failure = z.strictObject({ code: z.string(), message: z.string() });

/** Everything an actor knows: plain JSON, so that `continueAsNew` can carry it. Times are milliseconds since the epoch. */
export const RoomActorState = z.strictObject({
  order: RoomOrder,
  room: RoomRef,
  phase: RoomPhase,
  ownerId: z.string().optional(),
  ownerName: z.string().optional(),
  title: z.string().optional(),
  popularity: z.int().optional(),
  isLive: z.boolean().optional().describe('Absent until the platform was asked.'),
  session: Session.optional(),
  totals: SessionTotals,
  closing: ClosingSession.optional(),
  previous: PreviousConnection.optional(),
  observation: Observation.optional(),
  lastEndpoint: z.string().optional(),
  pausedBecause: z.string().optional(),
  retiredBecause: z.string().optional(),
  retiredAt: z.int().optional(),
  reconnectBecause: z.string().optional(),
  failure: Failure.optional(),
  coolDownMs: z.int().describe('0 while the circuit is closed.'),
  circuitOpened: z.int(),
  connections: z.int(),
  events: z.int(),
  lastError: z.string().optional(),
});
export type RoomActorState = z.output<typeof RoomActorState>;
