import type { EventKind } from '../../model/event-kind.js';
import type { Draw } from '../random.js';

/** What never changes about a room; made from the seed alone. */
export interface RoomFace {
  index: number;
  roomId: number;
  /** 0 where the room has none. */
  shortId: number;
  uid: number;
  name: string;
  medal: string;
  /** Whether its messages hide user ids and mask names. */
  masked: boolean;
  /** Its part of all traffic, 0 to 1. */
  share: number;
}

/** All that a message is made of: the same cast gives the same message again, for as long as the ledger is kept. */
export interface Cast {
  /** Number of the message, unique on the whole site; its ids are made of it. */
  n: number;
  /** The message whose event it tells (itself, unless it is a copy), or to which it refers. */
  primary: number;
  /** Milliseconds since the epoch. */
  at: number;
  room: RoomFace;
  masked: boolean;
  draw: Draw;
}

/** A field's expected value: `null` = the field must be absent. */
export type Expectation = {
  readonly [field: string]: Expectation | string | number | boolean | null | readonly string[];
};

/** One document that a message must lead to: a subset of its fields, times in ms since the epoch. */
export interface ExpectedEvent {
  kind: EventKind;
  /** Absent where the message does not tell; `'second'` where it may be cut to the second. */
  at?: number;
  atPrecision?: 'ms' | 'second';
  fields: Expectation;
}

/** What a collector has to do with a message. */
export type Fate = 'event' | 'audience' | 'hint' | 'undecodable' | 'opaque';

/** One kind of message of the platform. */
export interface MessageType {
  readonly cmd: string;
  readonly fate: Fate;
  /** Whether the platform gives it an identity, so that a repeat is stored once; else every delivery is stored. */
  readonly hasId: boolean;
  /** How many of some 1,000 messages of a room are of this kind; 0 = only on an occasion. */
  readonly weight: number;
  /** Sent uncompressed and for itself, whatever the client asked for. */
  readonly siteWide?: boolean;
  /** Tells the event of `cast.primary` once more. */
  readonly isCopy?: boolean;
  /** The JSON text. */
  wire(cast: Cast): string;
  /** What must be stored of it; of a copy: what its primary expects. Empty unless `fate` is `event`. */
  expect(cast: Cast): ExpectedEvent[];
  /** Further kinds that a collector may make of the same message. */
  readonly mayAlsoBe?: readonly EventKind[];
}

export const quote = (text: string): string => JSON.stringify(text);
/** For JSON text inside a JSON string. */
export const quoteTwice = (text: string): string => JSON.stringify(JSON.stringify(text)).slice(1, -1);

export const secondsOf = (ms: number): number => Math.floor(ms / 1000);
