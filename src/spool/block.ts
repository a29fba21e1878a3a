import { crc32 } from 'node:zlib';
import { z } from 'zod';
import type { SpoolEntry } from '../model/records.js';

/** The entries of one group commit, or a part of them: what LMDB holds as one value. The entry at `entries[i]` has the number `first + i`. */
export interface Block {
  first: number;
  entries: readonly SpoolEntry[];
  /** Length of each entry's JSON in UTF-8; `bytes` is their sum. */
  sizes: readonly number[];
  bytes: number;
  /** Milliseconds since the epoch. */
  appendedAt: number;
}

/**
 * A block's key tells everything but its content, so that acknowledging, counting and finding never read one.
 * LMDB orders keys by their first element.
 */
export const BlockKey = z.tuple([
  z.int().positive().describe('first'),
  z.int().positive().describe('entries'),
  z.int().min(0).describe('bytes'),
  z.int().describe('appendedAt'),
  z.int().min(0).describe('CRC-32 of the value'),
]);
export type BlockKey = z.output<typeof BlockKey>;

export const lastOf = ([first, count]: BlockKey): number => first + count - 1;

/** A block is cut when it is this long: a whole one is parsed at a time. */
export const MAX_BLOCK_BYTES = 1024 * 1024;

export interface EncodedEntries {
  entries: readonly SpoolEntry[];
  lines: readonly string[];
  sizes: readonly number[];
  bytes: number;
}

export function encodeEntries(entries: readonly SpoolEntry[]): EncodedEntries {
  const lines = entries.map((entry) => JSON.stringify(entry));
  const sizes = lines.map((line) => Buffer.byteLength(line));
  return { entries, lines, sizes, bytes: sizes.reduce((sum, size) => sum + size, 0) };
}

/** The value is one line of JSON an entry: JSON.stringify writes no line break of its own. */
export function encodeBlock(block: Block, lines: readonly string[]): { key: BlockKey; value: Buffer } {
  const value = Buffer.from(lines.join('\n'));
  return { key: [block.first, block.entries.length, block.bytes, block.appendedAt, crc32(value)], value };
}

/** Throws an error with a reason when the value is not what was written. */
export function decodeBlock(key: BlockKey, value: Buffer): Block {
  const [first, count, bytes, appendedAt, checksum] = key;
  if (crc32(value) !== checksum) throw new Error('its checksum is wrong');
  const lines = value.toString('utf8').split('\n');
  if (lines.length !== count) throw new Error(`it has ${lines.length} lines instead of ${count}`);
  const entries = lines.map(parseLine);
  return { first, entries, sizes: lines.map((line) => Buffer.byteLength(line)), bytes, appendedAt };
}

function parseLine(line: string): SpoolEntry {
  const value: unknown = JSON.parse(line);
  if (!wasEntry(value)) throw new Error('one of its lines is no entry');
  return value;
}

// The checksum says that these are the bytes that `append` was given, typed; a stricter look could only refuse what was accepted.
const wasEntry = (value: unknown): value is SpoolEntry =>
  typeof value === 'object' && value !== null && 'type' in value;
