import { Buffer } from 'node:buffer';
import { endOfName, endOfNested, endOfPlain, endOfQuotedJson, endOfString, endOfValue } from './skip-json.js';
import { parseJson } from './json.js';
import {
  QUOTE,
  BACKSLASH,
  COMMA,
  MINUS,
  ZERO,
  NINE,
  OPEN_OBJECT,
  CLOSE_OBJECT,
  OPEN_LIST,
  CLOSE_LIST,
  FIRST_PRINTABLE,
} from './json-signs.js';

/**
 * What is wanted of a JSON value: with neither `places` nor `names` all of it, and all of it, too, where it is of another type than that says.
 */
export interface Wanted {
  /** Of a list, by place. */
  readonly places?: readonly (Wanted | undefined)[];
  /** Of an object, by the length of the name. */
  readonly names?: readonly (readonly WantedName[] | undefined)[];
  /** Makes the value of a text that holds JSON, from what is between its quotes; where it makes nothing, the text is read as it is. */
  readonly quoted?: (content: Buffer) => string | undefined;
}

export interface WantedName {
  readonly name: string;
  readonly bytes: Buffer;
  readonly wanted: Wanted;
}

/** All of a value. */
export const ALL: Wanted = {};

/** Some values of an object, by their names, which have no sign that JSON would escape. */
export function namesOf(names: Readonly<Record<string, Wanted>>): Wanted {
  const byLength: WantedName[][] = [];
  for (const [name, wanted] of Object.entries(names)) {
    const bytes = Buffer.from(name);
    (byLength[bytes.length] ??= []).push({ name, bytes, wanted });
  }
  return { names: Array.from(byLength) };
}

/** Some values of a list, by their places. */
export const placesOf = (places: Readonly<Record<number, Wanted>>): Wanted => ({
  places: Array.from({ length: Math.max(...Object.keys(places).map(Number)) + 1 }, (_, place) => places[place]),
});

const FIRST_NOT_ASCII = 0x80;

/** A place is negative as soon as something was refused. */
const REFUSED = -1;

class PartialReader {
  constructor(
    private readonly bytes: Buffer,
    private readonly end: number,
    public at: number,
  ) {}

  value(wanted: Wanted): unknown {
    const byte = this.bytes[this.at];
    if (byte === QUOTE) return wanted.quoted === undefined ? this.text() : this.quoted(wanted.quoted);
    if (byte === OPEN_OBJECT) return wanted.names === undefined ? this.nested() : this.object(wanted.names);
    if (byte === OPEN_LIST) return wanted.places === undefined ? this.nested() : this.list(wanted.places);
    return this.plain();
  }

  private object(names: NonNullable<Wanted['names']>): Record<string, unknown> {
    const { bytes, end } = this;
    const found: Record<string, unknown> = {};
    let at = this.at + 1;
    if (bytes[at] === CLOSE_OBJECT) return this.until(at + 1, found);
    for (;;) {
      const start = at + 1;
      at = endOfName(bytes, at, end);
      if (at < 0) return this.until(REFUSED, found);
      const name = wantedName(names[at - 2 - start], bytes, start);
      if (name === undefined) at = endOfValue(bytes, at, end);
      else {
        this.at = at;
        found[name.name] = this.value(name.wanted);
        at = this.at;
      }
      if (at >= 0 && bytes[at] === COMMA) at += 1;
      else return this.until(at >= 0 && bytes[at] === CLOSE_OBJECT ? at + 1 : REFUSED, found);
    }
  }

  private list(places: NonNullable<Wanted['places']>): unknown[] {
    const { bytes, end } = this;
    const found: unknown[] = [];
    let at = this.at + 1;
    if (bytes[at] === CLOSE_LIST) return this.until(at + 1, found);
    for (let place = 0; ; place += 1) {
      const wanted = places[place];
      if (wanted === undefined) {
        at = endOfValue(bytes, at, end);
        if (place < places.length) found.push(undefined);
      } else {
        this.at = at;
        found.push(this.value(wanted));
        at = this.at;
      }
      if (at >= 0 && bytes[at] === COMMA) at += 1;
      else return this.until(at >= 0 && bytes[at] === CLOSE_LIST ? at + 1 : REFUSED, found);
    }
  }

  private nested(): unknown {
    const start = this.at;
    return this.parsed(start, endOfNested(this.bytes, start, this.end));
  }

  private quoted(make: NonNullable<Wanted['quoted']>): string | undefined {
    const { bytes, end } = this;
    const start = this.at + 1;
    const behind = endOfQuotedJson(bytes, start, end);
    const made = behind < 0 ? undefined : make(bytes.subarray(start, behind - 1));
    return made === undefined ? readString(this.parsed(start - 1, behind)) : this.until(behind, made);
  }

  private text(): string | undefined {
    const { bytes, end } = this;
    const start = this.at + 1;
    let seen = 0;
    let at = start;
    for (; at < end; at += 1) {
      const byte = bytes[at] ?? 0;
      if (byte === QUOTE) break;
      if (byte === BACKSLASH) return readString(this.parsed(start - 1, endOfString(bytes, at, end)));
      if (byte < FIRST_PRINTABLE) return this.until(REFUSED, undefined);
      seen |= byte;
    }
    if (at >= end) return this.until(REFUSED, undefined);
    this.at = at + 1;
    return bytes.toString(seen < FIRST_NOT_ASCII ? 'latin1' : 'utf8', start, at);
  }

  private plain(): unknown {
    const { bytes } = this;
    const start = this.at;
    const end = endOfPlain(bytes, start);
    if (end - start > 15 || end < 0) return this.parsed(start, end);
    const isNegative = bytes[start] === MINUS;
    let number = 0;
    for (let at = isNegative ? start + 1 : start; at < end; at += 1) {
      const byte = bytes[at] ?? 0;
      if (byte < ZERO || byte > NINE) return this.parsed(start, end);
      number = number * 10 + byte - ZERO;
    }
    this.at = end;
    return isNegative ? -number : number;
  }

  /** What the parser makes of a value that has been passed over. */
  private parsed(start: number, end: number): unknown {
    this.at = end;
    return end < 0 ? undefined : parseJson(this.bytes.toString('utf8', start, end))?.value;
  }

  private until<T>(at: number, value: T): T {
    this.at = at;
    return value;
  }
}

const readString = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined);

/** The one of `names` that is at `start`; they are all of its length. */
export function wantedName(
  names: readonly WantedName[] | undefined,
  bytes: Uint8Array,
  start: number,
): WantedName | undefined {
  if (names === undefined) return undefined;
  for (const name of names) if (startsWith(bytes, start, name.bytes)) return name;
  return undefined;
}

/** Whether `part` is at `start`. */
export function startsWith(bytes: Uint8Array, start: number, part: Uint8Array): boolean {
  for (let at = 0; at < part.length; at += 1) if (bytes[start + at] !== part[at]) return false;
  return true;
}

/**
 * The wanted parts of the JSON text between `start` and `end`, as `JSON.parse` makes them of the whole: what is not wanted is missing, or undefined in a
 * list. What is left out has been checked to be JSON. Nothing where the text is no JSON, nests deeper than eight levels in what is passed over, or is
 * written in a way that is rare (white space, a fraction, an escape of four digits): that is the parser's to judge.
 */
export function parsePartly(bytes: Buffer, start: number, end: number, wanted: Wanted): { value: unknown } | undefined {
  const reader = new PartialReader(bytes, end, start);
  const value = reader.value(wanted);
  return reader.at === end ? { value } : undefined;
}
