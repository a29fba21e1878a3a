import { OPERATION, packet, plainPackets } from '../simulator/packets.js';
import { between, drawFrom, mixSeed, pick, type Draw } from '../simulator/random.js';
import { heavyFrame } from './heavy-frames.js';
import { mutateBytes } from './mutate-bytes.js';
import { mutateMessage } from './mutate-message.js';
import { mutateProtobuf } from './mutate-protobuf.js';
import { compress, oddPackets } from './odd-packets.js';
import type { Seeds } from './seeds.js';

/** A frame to be decoded, and what is known of it. */
export interface FuzzFrame {
  /** How it was made, in words. */
  origin: string;
  bytes: Buffer;
  /** Its messages are framed well: so many have to come out as something, and be counted. */
  messages?: number;
  /** Keys of events that have to come out, whatever stands beside them. */
  keys?: readonly string[];
}

/** One frame in so many is a heavy one; checking all that comes out of one takes as long as thousands of others. */
export const HEAVY_EVERY = 40_000;

const neighbour = (id: string): Buffer =>
  plainPackets([
    `{"cmd":"DANMU_MSG","info":[[0,1,25,1,1790000000000,1,0,"a",0,0,0,"",0,"{}","{}",{"extra":"{\\"id_str\\":\\"${id}\\"}"}],"x",[7,"n"]]}`,
  ]);
const BEFORE = neighbour('before');
const AFTER = neighbour('after');
const KEYS = ['chat:before', 'chat:after'];

/** The `n`-th frame of a seed; the same again whenever it is asked for, on any machine. */
export function makeFrame(seeds: Seeds, seed: number, n: number): FuzzFrame {
  if (n % HEAVY_EVERY === HEAVY_EVERY - 1) {
    const { name, bytes } = heavyFrame(seed + Math.floor(n / HEAVY_EVERY));
    return { origin: `heavy: ${name}`, bytes };
  }
  const draw = drawFrom(mixSeed(seed, n));
  const kind = draw();
  if (kind < 0.45) return among(draw, 'a message with odd values', Buffer.from(oddMessage(draw, seeds)));
  if (kind < 0.6) return among(draw, 'a message with odd Protobuf', Buffer.from(oddProtobuf(draw, seeds)));
  if (kind < 0.68)
    return among(
      draw,
      'a message with odd bytes',
      mutateBytes(draw, Buffer.from(pick(draw, seeds.messages).text), seeds.frames),
    );
  if (kind < 0.9)
    return { origin: 'a frame with odd bytes', bytes: mutateBytes(draw, pick(draw, seeds.frames), seeds.frames) };
  if (kind < 0.99) return { origin: 'odd packets', bytes: oddPackets(draw, seeds) };
  return { origin: 'noise', bytes: noise(draw) };
}

const oddMessage = (draw: Draw, { messages }: Seeds): string => mutateMessage(draw, pick(draw, messages), messages);

function oddProtobuf(draw: Draw, { protobufs }: Seeds): string {
  const { before, bytes, after } = pick(draw, protobufs);
  return before + mutateProtobuf(draw, bytes).toString('base64') + after;
}

/** The message alone or between two good ones; now and then packed. */
function among(draw: Draw, origin: string, body: Buffer): FuzzFrame {
  const odd = packet(0, OPERATION.message, body);
  const alone = draw() < 0.6;
  const plain = alone ? odd : Buffer.concat([BEFORE, odd, AFTER]);
  const bytes = draw() < 0.06 ? compress(draw, plain) : plain;
  return alone ? { origin, bytes, messages: 1 } : { origin, bytes, messages: 3, keys: KEYS };
}

function noise(draw: Draw): Buffer {
  const bytes = Buffer.alloc(between(draw, 0, 200));
  for (let at = 0; at < bytes.length; at++) bytes.writeUInt8(between(draw, 0, 255), at);
  return bytes;
}
