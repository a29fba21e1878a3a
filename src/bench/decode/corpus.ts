import { Ledger } from '../../simulator/ledger.js';
import { MESSAGE_TYPES, weightedCode } from '../../simulator/messages/types.js';
import { SimulatorOptions } from '../../simulator/options.js';
import { encodeFrame, plainPackets } from '../../simulator/packets.js';
import { drawFrom } from '../../simulator/random.js';
import { makeRooms } from '../../simulator/rooms.js';

/** How a body is packed: not at all, by zlib, by brotli. */
export type BodyVersion = 0 | 2 | 3;

export interface WireFrame {
  bytes: Buffer;
  messages: number;
}

/** Socket messages of one shape, as a busy site sends them. */
export interface Corpus {
  body: BodyVersion;
  messagesAFrame: number;
  frames: WireFrame[];
  messages: number;
  /** As they come over the network. */
  wireBytes: number;
}

/** Messages of the simulator's mix, and what they tell. */
export interface Messages {
  /** In JSON. By number half chat; by size as captured: a chat of 2.5 KB, gifts of 0.7 to 1.4 KB, 1.4 KB on average. */
  texts: string[];
  /** Knows what each of them has to be read as, in the same order; messages count from 1. */
  ledger: Ledger;
}

export function makeMessages(seed: number, count: number, startsAt: number): Messages {
  const options = SimulatorOptions.parse({ seed });
  const faces = makeRooms(options, startsAt).map(({ face }) => face);
  const rooms = faces.filter(({ share }) => share > 0);
  const ledger = new Ledger(seed, faces);
  const draw = drawFrom(seed);
  const texts = Array.from({ length: count }, (_, index) => {
    const room = rooms[index % rooms.length];
    if (room === undefined) throw new RangeError('there is no room');
    return ledger.textOf(ledger.add(roomOwnCode(weightedCode(draw())), room, startsAt + index));
  });
  return { texts, ledger };
}

/** What is sent to every room at once comes uncompressed and by itself, so it is not in these frames. */
const roomOwnCode = (code: number): number => (MESSAGE_TYPES[code]?.siteWide === true ? weightedCode(0) : code);

export function makeCorpus(texts: readonly string[], body: BodyVersion, messagesAFrame: number): Corpus {
  const frames: WireFrame[] = [];
  for (let at = 0; at < texts.length; at += messagesAFrame) {
    const some = texts.slice(at, at + messagesAFrame);
    frames.push({ bytes: encodeFrame(plainPackets(some), body, false), messages: some.length });
  }
  const wireBytes = frames.reduce((sum, { bytes }) => sum + bytes.length, 0);
  return { body, messagesAFrame, frames, messages: texts.length, wireBytes };
}

/** Neighbours together, up to so many bytes: what one read of a busy socket brings. */
export function burstsOf(frames: readonly WireFrame[], maxBytes: number): WireFrame[][] {
  const bursts: WireFrame[][] = [];
  let bytes = Infinity;
  for (const frame of frames) {
    if (bytes + frame.bytes.length > maxBytes) {
      bursts.push([]);
      bytes = 0;
    }
    bursts.at(-1)?.push(frame);
    bytes += frame.bytes.length;
  }
  return bursts;
}
