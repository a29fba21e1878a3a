import { BSON, type Document } from 'mongodb';
import { deflateRawSync } from 'node:zlib';
import { type Row, told } from '../part.js';

/** WiredTiger compresses pages of this size; it offers zlib beside snappy, which Node does not have. */
const PAGE_BYTES = 32 * 1024;

/** What an event takes where it is stored, by the documents alone: without indexes, and without free space in files. */
export function sizesOf(documents: readonly Document[]): Row[] {
  const whole = Buffer.concat(documents.map((document) => BSON.serialize(document)));
  let compressed = 0;
  for (let at = 0; at < whole.length; at += PAGE_BYTES)
    compressed += deflateRawSync(whole.subarray(at, at + PAGE_BYTES)).length;
  return [
    told('an event as BSON', whole.length / documents.length, 'bytes'),
    told('the same, zlib in pages of 32 KiB', compressed / documents.length, 'bytes'),
  ];
}
