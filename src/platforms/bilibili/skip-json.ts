/**
 * Finds the end of a JSON value in bytes without building it. What it passes over is JSON, as `JSON.parse` has it; what it refuses may be some all the
 * same, and is the parser's to judge. For values that are never looked at: building them is most of what parsing costs.
 */
import {
  QUOTE,
  BACKSLASH,
  COMMA,
  COLON,
  MINUS,
  ZERO,
  NINE,
  OPEN_OBJECT,
  CLOSE_OBJECT,
  OPEN_LIST,
  CLOSE_LIST,
  FIRST_PRINTABLE,
} from './json-signs.js';

/** Deeper values are left to the parser, whose text is measured first: with the four levels around the deepest of them this stays below any `maxJsonDepth`. */
const MAX_SKIPPED_DEPTH = 8;

/** What may follow a backslash. `u` needs four digits behind it, and is rare enough to be left to the parser. */
const isEscape = new Uint8Array(256);
for (const sign of '"\\/bfnrt') isEscape[sign.charCodeAt(0)] = 1;

/** Where passing over plain text stops: at quotes, backslashes and what is not printable, as the beginning of a packet's header is. */
const stops = new Uint8Array(256).fill(1, 0, FIRST_PRINTABLE);
stops[QUOTE] = 1;
stops[BACKSLASH] = 1;

/** The place behind the closing quote of the string whose content begins at `start`; −1 where it does not end before `end`, or is refused. */
export function endOfString(bytes: Uint8Array, start: number, end: number): number {
  let at = start;
  for (;;) {
    while (stops[bytes[at] ?? 0] === 0) at += 1;
    if (at >= end) return -1;
    if (bytes[at] === QUOTE) return at + 1;
    if (bytes[at] !== BACKSLASH || isEscape[bytes[at + 1] ?? 0] === 0) return -1;
    at += 2;
  }
}

const WINDOW = 4_096;
const BYTES_A_WORD = 4;
const scratch = Buffer.alloc(WINDOW);
const words = new DataView(scratch.buffer, scratch.byteOffset, WINDOW);

const inEachByte = (byte: number): number => Math.imul(byte, 0x01010101);
const QUOTES = inEachByte(QUOTE);
const BACKSLASHES = inEachByte(BACKSLASH);
const NOT_CONTROL = inEachByte(0xe0);
const LOW_BITS = inEachByte(0x7f);

/** The highest bit of each byte that is zero. */
const zeroBytes = (word: number): number => ~(((word & LOW_BITS) + LOW_BITS) | word | LOW_BITS);

/**
 * The same as {@link endOfString}, in a third of the time where the content is itself JSON: there is a backslash every few bytes, and a processor that has to
 * guess where is often wrong. So four bytes are looked at together, for as long as there are backslashes before all quotes and nothing else.
 */
export function endOfQuotedJson(bytes: Buffer, start: number, end: number): number {
  const length = bytes.copy(scratch, 0, start, Math.min(end, start + WINDOW)) - BYTES_A_WORD;
  let at = 0;
  let expected = 0; // a quote in the first byte, where the byte before was a backslash
  for (; at <= length; at += BYTES_A_WORD) {
    const word = words.getInt32(at, true);
    const backslashes = zeroBytes(word ^ BACKSLASHES);
    const unexpected = zeroBytes(word ^ QUOTES) ^ ((backslashes << 8) | expected);
    if ((unexpected | zeroBytes(word & NOT_CONTROL)) !== 0) break;
    expected = backslashes >>> 24;
  }
  return endOfString(bytes, start + (expected === 0 ? at : at - 1), end);
}

/** The place behind the object or list that opens at `start`; −1 where it does not end before `end`, or is refused: also one with white space in it. */
export function endOfNested(bytes: Uint8Array, start: number, end: number): number {
  let at = start;
  let depth = 0;
  let objects = 0; // a bit for each level, the innermost last: whether it is an object
  while (at >= 0 && at < end) {
    const byte = bytes[at];
    if (byte === OPEN_OBJECT || byte === OPEN_LIST) {
      depth += 1;
      if (depth > MAX_SKIPPED_DEPTH) return -1;
      objects = (objects << 1) | (byte === OPEN_OBJECT ? 1 : 0);
      at += 1;
      if (bytes[at] !== closing(objects)) {
        if (byte === OPEN_OBJECT) at = endOfName(bytes, at, end);
        continue;
      }
    } else {
      at = byte === QUOTE ? endOfString(bytes, at + 1, end) : endOfPlain(bytes, at);
    }
    while (at > 0 && bytes[at] === closing(objects)) {
      at += 1;
      depth -= 1;
      objects >>= 1;
      if (depth === 0) return at <= end ? at : -1;
    }
    if (at < 0 || bytes[at] !== COMMA) return -1;
    at = (objects & 1) === 1 ? endOfName(bytes, at + 1, end) : at + 1;
  }
  return -1;
}

/** The place behind any value. */
export function endOfValue(bytes: Uint8Array, start: number, end: number): number {
  const byte = bytes[start];
  if (byte === QUOTE) return endOfString(bytes, start + 1, end);
  return byte === OPEN_OBJECT || byte === OPEN_LIST ? endOfNested(bytes, start, end) : endOfPlain(bytes, start);
}

const closing = (objects: number): number => ((objects & 1) === 1 ? CLOSE_OBJECT : CLOSE_LIST);

/** The place behind the colon of the name that opens at `at`. */
export function endOfName(bytes: Uint8Array, at: number, end: number): number {
  const behind = bytes[at] === QUOTE ? endOfString(bytes, at + 1, end) : -1;
  return behind > 0 && bytes[behind] === COLON ? behind + 1 : -1;
}

const isDigit = (byte: number): boolean => byte >= ZERO && byte <= NINE;

/** Whole numbers, `true`, `false`, `null`. What follows is looked at by the caller, so that nothing is made of `1.5` or `nullify`. */
export function endOfPlain(bytes: Uint8Array, start: number): number {
  let at = bytes[start] === MINUS ? start + 1 : start;
  const first = bytes[at] ?? 0;
  if (!isDigit(first)) return at === start ? endOfWord(bytes, start) : -1;
  at += 1;
  if (first !== ZERO) while (isDigit(bytes[at] ?? 0)) at += 1;
  return at;
}

const NULL = Buffer.from('null');
const TRUE = Buffer.from('true');
const FALSE = Buffer.from('false');

function endOfWord(bytes: Uint8Array, start: number): number {
  const first = bytes[start];
  const word = first === NULL[0] ? NULL : first === TRUE[0] ? TRUE : FALSE;
  for (let at = 0; at < word.length; at += 1) if (bytes[start + at] !== word[at]) return -1;
  return start + word.length;
}
