/**
 * What was sent, when, on which connection, and what must be stored of it.
 *
 * A message is a row of numbers (room, time, kind); its text and its expectation are made from the row again whenever they are
 * asked for, by the code that wrote the message and never by a decoder. So a million messages cost some 40 MB.
 */
import { drawFrom, mixSeed } from './random.js';
import type { Cast, ExpectedEvent, Fate, MessageType, RoomFace } from './messages/message.js';
import { MESSAGE_TYPES, typeCode } from './messages/types.js';

export type Delivered =
  /** Handed to the socket. */
  | 'yes'
  /** The connection was half-open: nothing was handed to it, and the reader was not told. */
  | 'unknown'
  /** In a frame that was cut: the reader may have got it, or count it as undecodable. */
  | 'cut'
  /** Handed to the socket once more. */
  | 'repeat';

const DELIVERED: readonly Delivered[] = ['yes', 'unknown', 'cut', 'repeat'];

/** One connection, as the server saw it. Times are milliseconds since the epoch. */
export interface LedgerConnection {
  number: number;
  roomId: number;
  remoteAddress: string;
  transport: 'ws' | 'tcp';
  endpoint: string;
  protover: number;
  openedAt: number;
  authenticatedAt?: number;
  /** From then on it was half-open. */
  frozenAt?: number;
  closedAt?: number;
  closedBy?: 'client' | 'server' | 'fault';
  why?: string;
  heartbeats: number;
  acknowledgements: number;
  messages: number;
}

/** A run of messages on one connection: `firstN` … `firstN + count - 1`. */
export interface Delivery {
  firstN: number;
  count: number;
  connection: number;
  sentAt: number;
  delivered: Delivered;
}

/** One message on one connection. */
export interface LedgerEntry {
  n: number;
  /** The message whose event it tells; `n` itself, unless it is a copy. */
  primary: number;
  cmd: string;
  fate: Fate;
  connection: number;
  roomId: number;
  at: number;
  sentAt: number;
  delivered: Delivered;
}

export interface HostileSending {
  n: number;
  connection: number;
  /** Milliseconds since the epoch. */
  sentAt: number;
  name: string;
  /** Good messages in the same frame, which must be stored. */
  goodFirstN: number;
  goodCount: number;
  /** How many undecodable messages a reader must count at least, if it lives on; 0 where framing itself is lost. */
  undecodable: number;
}

interface Custom {
  text: string;
  expected: ExpectedEvent[];
}

const ROW = { room: 0, type: 1, primary: 2, width: 3 } as const;

export class Ledger {
  readonly connections: LedgerConnection[] = [];
  /** When a connection was refused before anybody knew whose it was; milliseconds since the epoch. */
  readonly refusals: number[] = [];
  readonly hostile: HostileSending[] = [];
  readonly replayedRooms = new Set<number>();
  readonly #rows = new GrowingInts(ROW.width);
  readonly #times = new GrowingFloats();
  readonly #deliveries = new GrowingInts(4);
  readonly #sentAt = new GrowingFloats();
  readonly #custom = new Map<number, Custom>();
  readonly #roomsById: ReadonlyMap<number, RoomFace>;

  constructor(
    readonly seed: number,
    readonly rooms: readonly RoomFace[],
  ) {
    this.#roomsById = new Map(rooms.map((room) => [room.roomId, room]));
    this.#rows.push(0, 0, 0); // messages count from 1
    this.#times.push(0);
  }

  /** Number of the last message; they count from 1. */
  get lastN(): number {
    return this.#times.length - 1;
  }

  roomById(roomId: number): RoomFace | undefined {
    return this.#roomsById.get(roomId);
  }

  /** @param primary the message whose event it repeats or to which it refers; 0 = none */
  add(code: number, room: RoomFace, at: number, primary = 0): number {
    const n = this.lastN + 1;
    this.#rows.push(room.index, code, primary || n);
    this.#times.push(at);
    return n;
  }

  addCustom(room: RoomFace, at: number, custom: Custom): number {
    const n = this.add(typeCode('(custom)'), room, at);
    this.#custom.set(n, custom);
    return n;
  }

  deliver(firstN: number, count: number, connection: LedgerConnection, sentAt: number, delivered: Delivered): void {
    this.#deliveries.push(firstN, count, connection.number, DELIVERED.indexOf(delivered));
    this.#sentAt.push(sentAt);
    if (delivered !== 'unknown') connection.messages += count;
  }

  has(n: number): boolean {
    return Number.isSafeInteger(n) && n >= 1 && n <= this.lastN;
  }

  typeOf(n: number): MessageType {
    const type = MESSAGE_TYPES[this.#rows.at(n, ROW.type)];
    if (!type) throw new RangeError(`message ${n} is of no known type`);
    return type;
  }

  codeOf(n: number): number {
    return this.#rows.at(n, ROW.type);
  }

  primaryOf(n: number): number {
    return this.typeOf(n).isCopy ? this.#rows.at(n, ROW.primary) : n;
  }

  roomOf(n: number): RoomFace {
    const room = this.rooms[this.#rows.at(n, ROW.room)];
    if (!room) throw new RangeError(`message ${n} belongs to no room`);
    return room;
  }

  atOf(n: number): number {
    return this.#times.at(this.primaryOf(n));
  }

  cast(n: number): Cast {
    const room = this.roomOf(n);
    const origin = this.primaryOf(n);
    const draw = drawFrom(mixSeed(this.seed, origin));
    return { n, primary: this.#rows.at(n, ROW.primary), at: this.#times.at(origin), room, masked: room.masked, draw };
  }

  /** The message's JSON text. */
  textOf(n: number): string {
    return this.#custom.get(n)?.text ?? this.typeOf(n).wire(this.cast(n));
  }

  /** The documents that must be stored of it; empty for what is not an event. */
  expected(n: number): ExpectedEvent[] {
    return this.#custom.get(n)?.expected ?? this.typeOf(n).expect(this.cast(n));
  }

  *deliveries(): Generator<Delivery> {
    for (let index = 0; index < this.#sentAt.length; index++) {
      yield {
        firstN: this.#deliveries.at(index, 0),
        count: this.#deliveries.at(index, 1),
        connection: this.#deliveries.at(index, 2),
        delivered: DELIVERED[this.#deliveries.at(index, 3)] ?? 'yes',
        sentAt: this.#sentAt.at(index),
      };
    }
  }

  /** Every message on every connection, in the order of sending. */
  *entries(): Generator<LedgerEntry> {
    for (const { firstN, count, connection, sentAt, delivered } of this.deliveries())
      for (let n = firstN; n < firstN + count; n++) {
        const { cmd, fate } = this.typeOf(n);
        const [roomId, at, primary] = [this.roomOf(n).roomId, this.atOf(n), this.primaryOf(n)];
        yield { n, primary, cmd, fate, connection, roomId, at, sentAt, delivered };
      }
  }

  /** Text lines from which `readLedger` makes an equal ledger in another process. */
  *dump(): Generator<string> {
    yield JSON.stringify({
      seed: this.seed,
      rooms: this.rooms,
      hostile: this.hostile,
      replayed: [...this.replayedRooms],
    });
    for (const connection of this.connections) yield JSON.stringify({ connection });
    for (let n = 1; n <= this.lastN; n++) {
      const custom = this.#custom.get(n);
      const row = [
        this.#rows.at(n, ROW.room),
        this.#rows.at(n, ROW.type),
        this.#rows.at(n, ROW.primary),
        this.#times.at(n),
      ];
      yield custom ? JSON.stringify({ row, custom }) : JSON.stringify({ row });
    }
    for (const { firstN, count, connection, sentAt, delivered } of this.deliveries())
      yield JSON.stringify({ sent: [firstN, count, connection, sentAt, DELIVERED.indexOf(delivered)] });
  }
}

/** Rows of 32-bit numbers in one array that doubles. */
class GrowingInts {
  #values: Uint32Array;
  #used = 0;
  constructor(readonly width: number) {
    this.#values = new Uint32Array(width * 1024);
  }
  push(...row: number[]): void {
    if (this.#used + this.width > this.#values.length) {
      const larger = new Uint32Array(this.#values.length * 2);
      larger.set(this.#values);
      this.#values = larger;
    }
    this.#values.set(row, this.#used);
    this.#used += this.width;
  }
  at(row: number, column: number): number {
    return this.#values[row * this.width + column] ?? 0;
  }
}

class GrowingFloats {
  #values = new Float64Array(1024);
  length = 0;
  push(value: number): void {
    if (this.length === this.#values.length) {
      const larger = new Float64Array(this.length * 2);
      larger.set(this.#values);
      this.#values = larger;
    }
    this.#values[this.length++] = value;
  }
  at(index: number): number {
    return this.#values[index] ?? 0;
  }
}
