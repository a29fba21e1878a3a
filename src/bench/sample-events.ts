import { frameEntries } from '../activities/frame-entries.js';
import { type ConnectionRecord, emptyCounts } from '../model/connection.js';
import type { SpoolEntry } from '../model/records.js';
import { decodeFrame } from '../platforms/bilibili/decode-frame.js';
import { makeCorpus, makeMessages } from './decode/corpus.js';

/** A moment at which no day ends while something is measured: 2026-09-21T12:00:00Z. */
export const NOON = Date.UTC(2026, 8, 21, 12);

/** A connection of a worker that is measured. */
export const connectionSince = (connectedAt: number): ConnectionRecord => ({
  _id: 'wbench000.mf2z8k1x9d3c5b7a',
  platform: 'bilibili',
  roomId: '22600000',
  sessionId: 'bilibili:22600000:1790000000',
  workerId: 'wbench000',
  endpoint: '127.0.0.1:443',
  attempt: 1,
  connectedAt,
});

/** Spool entries of the simulator's mix, as the decoder makes them. */
export function sampleEntries(seed: number, messages: number, startsAt: number): SpoolEntry[] {
  const context = { record: connectionSince(startsAt), counts: emptyCounts(), exclude: [], fill: 0 };
  const { frames } = makeCorpus(makeMessages(seed, messages, startsAt).texts, 0, 1);
  return frames.flatMap(
    ({ bytes }, index) =>
      frameEntries({ ...decodeFrame(bytes), index: index + 1, receivedAt: startsAt }, context).entries,
  );
}
