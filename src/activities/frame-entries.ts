import type { ConnectionCounts, ConnectionRecord } from '../model/connection.js';
import type { EventKind } from '../model/event-kind.js';
import type { SpooledEvent } from '../model/event.js';
import type { DeadLetter, SpoolEntry } from '../model/records.js';
import { SHED_FROM } from '../model/shedding.js';
import type { Frame, PlacedDraft, Undecodable } from '../platforms/platform.js';

/** Beyond this many a connection, what cannot be read is counted and no longer kept: a broken peer must not fill the store. */
const DEAD_LETTERS_A_CONNECTION = 100;

/**
 * How far from the receiver's clock a platform's time may be, in milliseconds, before the receiver's is taken instead: it names the collection of the
 * day, and a peer must not make as many of those as it likes. A replay may be of last year.
 */
const OLDEST_MS = 366 * 86_400_000;
const NEWEST_MS = 86_400_000;

type SpooledFrame = Omit<Frame, 'coveredUntil' | 'decodeMs'>;

interface Context {
  record: ConnectionRecord;
  counts: ConnectionCounts;
  exclude: readonly EventKind[];
  /** How full the spool is, 0…1. */
  fill: number;
}

/** What is to be spooled of a frame, and the kinds of its events by what became of them. */
export interface FrameEntries {
  entries: SpoolEntry[];
  /** Among `entries`. */
  sheddable: EventKind[];
  shed: EventKind[];
  filtered: EventKind[];
}

/** Turns a frame into what is to be spooled, and counts everything in it: as accepted, since it will be unless the spool refuses. */
export function frameEntries(frame: SpooledFrame, context: Context): FrameEntries {
  const { counts, record, exclude, fill } = context;
  const entries: SpoolEntry[] = [];
  const sheddable: EventKind[] = [];
  const shed: EventKind[] = [];
  const filtered: EventKind[] = [];
  counts.frames += 1;
  counts.bytes += frame.bytes;
  counts.audience += frame.audienceMessages;
  counts.hints += frame.hints;
  for (const draft of frame.events) {
    const { kind } = draft;
    if (exclude.includes(kind)) {
      counts.filtered += 1;
      filtered.push(kind);
    } else if (fill >= SHED_FROM[kind]) {
      counts.shed[kind] = (counts.shed[kind] ?? 0) + 1;
      shed.push(kind);
    } else {
      counts.accepted[kind] = (counts.accepted[kind] ?? 0) + 1;
      sheddable.push(kind);
      entries.push({ type: 'event', event: eventOf(draft, frame, record) });
    }
  }
  for (const message of frame.undecodable) {
    counts.undecodable += 1;
    if (counts.undecodable > DEAD_LETTERS_A_CONNECTION) continue;
    entries.push({ type: 'deadLetter', deadLetter: deadLetterOf(message, frame, record) });
  }
  return { entries, sheddable, shed, filtered };
}

/**
 * `_id`: `<platform>:<roomId>:<key>` where the platform names the message, so that a replay, a second connection and a backfill all meet;
 * otherwise `<platform>:<connectionId>:<frame>.<place>`, so that a replay dedupes and somebody who says the same twice counts twice.
 */
function eventOf(
  { key, place, at, ...rest }: PlacedDraft,
  frame: SpooledFrame,
  record: ConnectionRecord,
): SpooledEvent {
  const { platform, roomId, sessionId, _id: connectionId } = record;
  const { receivedAt } = frame;
  const isTrusted = at !== undefined && at >= receivedAt - OLDEST_MS && at <= receivedAt + NEWEST_MS;
  return {
    _id: key === undefined ? `${platform}:${connectionId}:${frame.index}.${place}` : `${platform}:${roomId}:${key}`,
    platform,
    roomId,
    at: isTrusted ? at : receivedAt,
    atFrom: isTrusted ? 'platform' : 'receiver',
    receivedAt,
    connectionId,
    ...(sessionId !== undefined && { sessionId }),
    ...rest,
  };
}

function deadLetterOf(
  { place, reason, bytes, head }: Undecodable,
  frame: SpooledFrame,
  record: ConnectionRecord,
): DeadLetter {
  return {
    _id: `${record._id}:${frame.index}.${place}`,
    platform: record.platform,
    roomId: record.roomId,
    connectionId: record._id,
    receivedAt: frame.receivedAt,
    reason: reason.slice(0, 300),
    bytes,
    base64: Buffer.from(head.buffer, head.byteOffset, Math.min(head.byteLength, 6_144)).toString('base64'),
  };
}
