/** Decoding the same bytes in another way has to give the same. */
import { decodeFrame, type DecodedFrame, type DecodeOptions } from '../platforms/bilibili/decode-frame.js';
import { DEFAULT_LIMITS } from '../platforms/bilibili/limits.js';
import { PacketSplitter } from '../platforms/bilibili/packet-splitter.js';
import { OPERATION } from '../simulator/packets.js';
import { between, type Draw } from '../simulator/random.js';

const textOf = (decoded: DecodedFrame): string =>
  JSON.stringify(decoded, (name, value: unknown) =>
    name === 'head' && value instanceof Uint8Array ? Buffer.from(value).toString('latin1') : value,
  );

/** Decoded once more, from a copy: neither chance nor an earlier frame has a say in it, and the bytes are left as they were. */
export function differsOnRepeat(bytes: Buffer, decoded: DecodedFrame, options: DecodeOptions): string | undefined {
  const again = textOf(decodeFrame(Buffer.from(bytes), options));
  const first = textOf(decoded);
  return first === again ? undefined : `decoded again it is ${again.slice(0, 300)} and not ${first.slice(0, 300)}`;
}

function splitAt(
  bytes: Buffer,
  cuts: readonly number[],
): { packets: Buffer[]; lost: string | undefined; pending: number } {
  const splitter = new PacketSplitter(DEFAULT_LIMITS.maxFrameBytes);
  const packets: Buffer[] = [];
  let lost: string | undefined;
  let start = 0;
  for (const cut of [...cuts, bytes.length]) {
    const split = splitter.push(bytes.subarray(start, cut));
    packets.push(...split.packets);
    lost ??= split.lost;
    start = cut;
  }
  return { packets, lost, pending: lost === undefined ? splitter.pendingBytes : 0 };
}

const MAX_CUTS = 12;

/** The same stream, cut anywhere: the same packets, and lost for the same reason. */
export function differsWhenCut(draw: Draw, bytes: Buffer): string | undefined {
  const cuts = Array.from({ length: between(draw, 1, MAX_CUTS) }, () => between(draw, 0, bytes.length)).sort(
    (a, b) => a - b,
  );
  const whole = splitAt(bytes, []);
  const pieces = splitAt(bytes, bytes.length <= 64 ? Array.from({ length: bytes.length }, (_, at) => at) : cuts);
  if (whole.packets.length !== pieces.packets.length)
    return `cut at ${cuts.join(', ')}: ${pieces.packets.length} packets and not ${whole.packets.length}`;
  if (whole.lost !== pieces.lost)
    return `cut at ${cuts.join(', ')}: ${pieces.lost ?? 'not lost'} and not ${whole.lost ?? 'lost'}`;
  if (whole.pending !== pieces.pending)
    return `cut at ${cuts.join(', ')}: ${pieces.pending} bytes wait and not ${whole.pending}`;
  return whole.packets.every((packet, at) => packet.equals(pieces.packets[at] ?? Buffer.alloc(0)))
    ? undefined
    : `cut at ${cuts.join(', ')}: other packets`;
}

/**
 * A chat as the platform writes it is read by a short cut. With a space before its JSON it is not, and has to say the same; only `raw`, the text
 * itself, may differ by that space.
 */
export function differsWithSpaces(bytes: Buffer, decoded: DecodedFrame, options: DecodeOptions): string | undefined {
  if (decoded.framingLost || decoded.heartbeatReply || decoded.authentication) return undefined;
  const spaced = splitAt(bytes, []).packets.map(withSpace);
  const together = spaced.reduce((sum, packet) => sum + packet.length, 0);
  if (
    together > DEFAULT_LIMITS.maxFrameBytes ||
    spaced.some((packet) => packet.length > DEFAULT_LIMITS.maxMessageBytes)
  )
    return undefined;
  const other = decodeFrame(Buffer.concat(spaced), options);
  const said = ({ events, undecodable }: DecodedFrame): string =>
    JSON.stringify([
      events.map(({ raw, ...event }) => [event, raw?.trimStart().slice(0, 30_000)]),
      undecodable.map(({ place, reason }) => [place, reason]),
    ]);
  const [first, second] = [said(decoded), said(other)];
  return first === second
    ? undefined
    : `with a space before its JSON it is ${second.slice(0, 600)} and not ${first.slice(0, 600)}`;
}

const JSON_VERSIONS = [0, 1];

/** The packet with a space before its JSON; what is packed, and what is nothing, stays as it is. */
function withSpace(packet: Buffer): Buffer {
  const header = packet.readUInt16BE(4);
  if (
    !JSON_VERSIONS.includes(packet.readUInt16BE(6)) ||
    packet.readUInt32BE(8) !== OPERATION.message ||
    header === packet.length
  )
    return packet;
  const spaced = Buffer.concat([packet.subarray(0, header), Buffer.from(' '), packet.subarray(header)]);
  spaced.writeUInt32BE(spaced.length, 0);
  return spaced;
}

const withoutPlace = (frames: readonly DecodedFrame[]): string =>
  JSON.stringify(frames.flatMap(({ events }) => events.map((event) => ({ ...event, place: '' }))));

/** One socket message, or its packets one by one as over TCP: the same events. */
export function differsOverTcp(bytes: Buffer, decoded: DecodedFrame, options: DecodeOptions): string | undefined {
  const isWhole = !decoded.framingLost && decoded.heartbeatReply === undefined; // what an answer echoes is told from packets in a message only
  const isWithinLimits = decoded.undecodable.every(
    ({ reason, place }) => place !== 'rest' && !/ max[A-Z]|more than/.test(reason),
  );
  if (!isWhole || !isWithinLimits) return undefined;
  const alone = splitAt(bytes, []).packets.map((packet) => decodeFrame(packet, options));
  const [together, apart] = [withoutPlace([decoded]), withoutPlace(alone)];
  return together === apart
    ? undefined
    : `packet by packet it is ${apart.slice(0, 300)} and not ${together.slice(0, 300)}`;
}
