import { brotliDecompressSync, inflateSync } from 'node:zlib';
import { frameEntries } from '../../activities/frame-entries.js';
import { emptyCounts } from '../../model/connection.js';
import { type DecodedFrame, decodeFrame } from '../../platforms/bilibili/decode-frame.js';
import { DEFAULT_LIMITS } from '../../platforms/bilibili/limits.js';
import { connectionSince } from '../sample-events.js';
import type { WireFrame } from './corpus.js';

/** Somebody who reads socket messages. */
export interface Decoder {
  readonly name: string;
  /** Resolves when all of them are read. They are given at once. */
  decode(frames: readonly WireFrame[]): Promise<void> | void;
  close(): Promise<void>;
}

const record = connectionSince(1_790_000_000_000);

/** What a worker does with a socket message until it goes to the spool: limits, validation, drafts, ids, counts. */
export function barrage(receivedAt: number): Decoder {
  const counts = emptyCounts();
  const context = { record, counts, exclude: [], fill: 0 };
  const options = { limits: DEFAULT_LIMITS, ownerId: '10000000' };
  let index = 0;
  return {
    name: 'barrage',
    decode: (frames) => {
      for (const { bytes } of frames) {
        index += 1;
        frameEntries(spooledFrame(decodeFrame(bytes, options), index, receivedAt), context);
      }
      if (counts.undecodable > 0) throw new Error(`${counts.undecodable} messages could not be read`);
    },
    close: async () => undefined,
  };
}

/** Field by field, as a connection makes it: spreading the object would cost as much as decoding a short message. */
const spooledFrame = (
  { bytes, events, audience, audienceMessages, undecodable, hints }: DecodedFrame,
  index: number,
  receivedAt: number,
) => ({ index, receivedAt, bytes, events, audience, audienceMessages, undecodable, hints });

/** Less than this no client can do: inflate, and parse each JSON text. */
export const floor: Decoder = {
  name: 'floor',
  decode: (frames) => {
    for (const { bytes } of frames) {
      const version = bytes.readUInt16BE(6);
      if (version === 2) parsePackets(inflateSync(bytes.subarray(16)));
      else if (version === 3) parsePackets(brotliDecompressSync(bytes.subarray(16)));
      else parsePackets(bytes);
    }
  },
  close: async () => undefined,
};

function parsePackets(bytes: Buffer): void {
  for (let at = 0; at < bytes.length;) {
    const end = at + bytes.readUInt32BE(at);
    JSON.parse(bytes.toString('utf8', at + 16, end));
    at = end;
  }
}
