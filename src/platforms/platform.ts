import type { AudienceValues } from '../model/audience.js';
import type { EventDraft } from '../model/event.js';

/** What a platform says of a room, by its canonical id. */
export interface RoomInfo {
  roomId: string;
  shortId?: string;
  ownerId?: string;
  ownerName?: string;
  title?: string;
  areaId?: string;
  areaName?: string;
  parentAreaId?: string;
  parentAreaName?: string;
  /** True only for a broadcast of the streamer's own; a rebroadcast counts as offline. */
  isLive: boolean;
  /** Milliseconds since the epoch. */
  liveStartedAt?: number;
  popularity?: number;
}

/** The part of {@link RoomInfo} that one request tells of many rooms. */
export type RoomStatus = Pick<
  RoomInfo,
  'roomId' | 'title' | 'isLive' | 'liveStartedAt' | 'popularity' | 'areaName' | 'parentAreaName'
>;

/** One line of a platform's list of live rooms. */
export interface LiveRoom {
  roomId: string;
  ownerId?: string;
  ownerName?: string;
  title?: string;
  areaId?: string;
  areaName?: string;
  parentAreaId?: string;
  parentAreaName?: string;
  popularity: number;
}

/** A message that could not be read; the connection goes on. */
export interface Undecodable {
  /** Its place in the frame, as in {@link PlacedDraft}. */
  place: string;
  reason: string;
  bytes: number;
  /** At most its first 6 KiB. */
  head: Uint8Array;
}

/** A draft with its place in the frame (`<packet>` or `<packet>.<event>`), which names it where the platform gives no id. */
export type PlacedDraft = EventDraft & { place: string };

/** Everything one socket message carried, in its order. */
export interface Frame {
  /** Counts the socket messages of this connection from 1. */
  index: number;
  /** Milliseconds since the epoch, when it left the socket. */
  receivedAt: number;
  /** As of this frame: nothing that the platform sent before this moment is missing. Earlier than `receivedAt` where the frame may have been waiting. */
  coveredUntil: number;
  bytes: number;
  events: PlacedDraft[];
  /** The last value of each number in this frame. */
  audience: AudienceValues;
  /** How many messages told `audience`. */
  audienceMessages: number;
  undecodable: Undecodable[];
  /** How many site-wide messages that belong to no room. */
  hints: number;
  /** How long reading it took, in milliseconds. */
  decodeMs?: number;
}

/** How a connection ended, when it was not `close()` that ended it. */
export interface Closed {
  end: 'lost' | 'silent' | 'framing' | 'closed';
  /** In words, for people: close code, what was missed. Holds no secret. */
  detail: string;
  /** Nothing that the platform sent before this moment is missing: the last frame's time after a loss, the end's own after a clean close. */
  coveredUntil: number;
}

/** One authenticated connection to one room's chat. */
export interface Connection {
  /** `host:port` */
  readonly endpoint: string;
  /** Milliseconds since the epoch, when the platform accepted the authentication. */
  readonly connectedAt: number;
  /**
   * The frames in order, heartbeat replies included; once only. Ends when the socket has ended and everything received was given out.
   * While nobody asks for the next one, a bounded number wait, and then the socket is paused: waiting here is back-pressure.
   */
  frames(): AsyncIterable<Frame>;
  /** Settles when the socket has ended; never rejects. */
  readonly closed: Promise<Closed>;
  /** Closes cleanly; frames that were under way are still given out. Resolves within 2 s, by force if it must. */
  close(): Promise<void>;
}

export interface ConnectRequest {
  roomId: string;
  ownerId?: string;
  /** From 1; each one takes the next endpoint. */
  attempt: number;
}

export interface LiveRoomsRequest {
  /** Platform area ids, parent or inner; empty or absent = all. */
  areas?: string[];
  maxPages: number;
}

/**
 * A live-streaming platform, as an anonymous visitor's page sees it. Failures are `BarrageError`s; every call keeps to the platform's
 * request budget and ends when `signal` aborts.
 */
export interface Platform {
  readonly id: string;
  /** Resolves a short id, too. Throws `ROOM_NOT_FOUND`, `ROOM_LOCKED`, `ROOM_ENCRYPTED`, `ROOM_REGION`. */
  roomInfo(roomId: string, signal: AbortSignal): Promise<RoomInfo>;
  /** Rooms that the answer does not name are absent from the result. One request for as many rooms as the platform allows. */
  statusOfMany(rooms: readonly { roomId: string; ownerId: string }[], signal: AbortSignal): Promise<RoomStatus[]>;
  /** Page after page, most popular first as far as the platform sorts. */
  liveRooms(request: LiveRoomsRequest, signal: AbortSignal): AsyncIterable<LiveRoom[]>;
  /** Resolves once authenticated. Throws what made the attempt fail. */
  connect(request: ConnectRequest, signal: AbortSignal): Promise<Connection>;
  close(): Promise<void>;
}
