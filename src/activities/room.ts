import { CancelledFailure, Context } from '@temporalio/activity';
import { BarrageError } from '../model/errors.js';
import { beatingEvery } from './beating.js';
import type { Logger } from '../model/log.js';
import { roomKey, type RoomRef } from '../model/room.js';
import type { PreviousConnection } from '../model/connection.js';
import type { ClosingSession } from '../model/stream.js';
import type { Platform, RoomInfo, RoomStatus } from '../platforms/platform.js';
import type { StatusPoller } from '../platforms/status-poller.js';
import type { Spool } from '../spool/spool.js';

/** What the platform says of a room, and where the store's record of it ends. */
export type RoomSeen = Pick<
  RoomInfo,
  | 'roomId'
  | 'isLive'
  | 'liveStartedAt'
  | 'ownerId'
  | 'ownerName'
  | 'title'
  | 'areaName'
  | 'parentAreaName'
  | 'popularity'
> & { previous?: PreviousConnection };

export interface RoomActivities {
  /** Resolves a room, short ids included. */
  lookAtRoom(room: RoomRef): Promise<RoomSeen>;
  /** Waits, for days if it must, until the room is live. */
  awaitLive(room: RoomRef & { ownerId?: string }): Promise<RoomSeen>;
  /** Writes the record of a broadcast that is over. */
  closeSession(request: RoomRef & { closing: ClosingSession }): Promise<void>;
}

export interface RoomDeps {
  platformOf: (id: string) => { platform: Platform; poller: StatusPoller };
  spool: Spool;
  log: Logger;
  now: () => number;
  /** The last connection of a room, from the store; undefined where there is none, or the store does not answer soon. */
  lastConnection: (room: string) => Promise<PreviousConnection | undefined>;
}

/** A room that waits should cost next to nothing. */
const AWAIT_HEARTBEAT_EVERY_MS = 60_000;
const LOOK_HEARTBEAT_EVERY_MS = 5_000;

export const createRoomActivities = (deps: RoomDeps): RoomActivities => ({
  async lookAtRoom(room) {
    const { platform } = deps.platformOf(room.platform);
    return beatingEvery(LOOK_HEARTBEAT_EVERY_MS, async () => {
      const info = await platform.roomInfo(room.roomId, Context.current().cancellationSignal);
      await remember(deps, room.platform, info);
      const previous = await deps.lastConnection(roomKey({ ...room, roomId: info.roomId }));
      return { ...seen(info), ...(previous !== undefined && { previous }) };
    });
  },

  async awaitLive(room) {
    const { platform, poller } = deps.platformOf(room.platform);
    const context = Context.current();
    const { cancellationSignal } = context;
    const known = room.ownerId === undefined ? await platform.roomInfo(room.roomId, cancellationSignal) : undefined;
    if (known?.isLive === true) return seen(known);
    const ownerId = room.ownerId ?? known?.ownerId ?? '';
    try {
      return await beatingEvery(AWAIT_HEARTBEAT_EVERY_MS, () =>
        live(poller, { roomId: room.roomId, ownerId }, cancellationSignal),
      );
    } catch (error) {
      if (context.cancellationDetails?.workerShutdown !== true) throw error;
      throw new BarrageError('WORKER_SHUTDOWN', 'The worker that watched the room is shutting down.');
    }
  },

  async closeSession({ platform, roomId, closing }) {
    const { session, totals, end, endedAt } = closing;
    const { id, ...rest } = session;
    const { events, connections } = totals;
    const closedAt = Math.max(deps.now(), endedAt); // the clock of the worker that connected may be ahead
    const over = { closedAt, endedAt, end, totals: events, connections };
    await deps.spool.append([{ type: 'session', session: { _id: id, platform, roomId, ...rest, ...over } }]);
  },
});

function live(poller: StatusPoller, room: { roomId: string; ownerId: string }, signal: AbortSignal): Promise<RoomSeen> {
  return new Promise((resolve, reject) => {
    const unwatch = poller.watch(room, (status) => {
      if (!status.isLive) return;
      done();
      resolve({ ...seen(status), roomId: room.roomId });
    });
    const cancelled = (): void => {
      done();
      reject(new CancelledFailure('The room is no longer waited for.'));
    };
    const done = (): void => {
      unwatch();
      signal.removeEventListener('abort', cancelled);
    };
    signal.addEventListener('abort', cancelled);
    if (signal.aborted) cancelled();
  });
}

function seen({ roomId, isLive, ...rest }: RoomInfo | RoomStatus): RoomSeen {
  const facts: Partial<RoomInfo> = rest;
  const { liveStartedAt, ownerId, ownerName, title, areaName, parentAreaName, popularity } = facts;
  return {
    roomId,
    isLive,
    ...(liveStartedAt !== undefined && { liveStartedAt }),
    ...(ownerId !== undefined && { ownerId }),
    ...(ownerName !== undefined && { ownerName }),
    ...(title !== undefined && { title }),
    ...(areaName !== undefined && { areaName }),
    ...(parentAreaName !== undefined && { parentAreaName }),
    ...(popularity !== undefined && { popularity }),
  };
}

/** Writes down what is known of the room. */
async function remember({ spool, now }: RoomDeps, platform: string, info: RoomInfo): Promise<void> {
  const { roomId, shortId, ownerId, ownerName, title, areaName, parentAreaName, popularity } = info;
  const given = Object.entries({ shortId, ownerId, ownerName, title, areaName, parentAreaName, popularity });
  const known = Object.fromEntries(given.filter(([, value]) => value !== undefined));
  const room = { _id: roomKey({ platform, roomId }), platform, roomId, ...known, seenAt: now() };
  await spool.append([{ type: 'room', room }]);
}
