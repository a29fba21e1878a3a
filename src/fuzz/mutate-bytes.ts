/** Changes of bytes that know nothing of what they mean, and some of lengths in headers. */
import { between, pick, type Draw } from '../simulator/random.js';

const WORDS = [0, 1, 15, 16, 17, 31, 32, 255, 256, 65_535, 65_536, 0x7fff_ffff, 0x8000_0000, 0xffff_fff0, 0xffff_ffff];

/** One to six changes of a copy; may be shorter or longer than what it was. */
export function mutateBytes(draw: Draw, seed: Buffer, donors: readonly Buffer[]): Buffer {
  let bytes: Buffer = Buffer.from(seed);
  const changes = draw() < 0.5 ? 1 : between(draw, 2, 6);
  for (let done = 0; done < changes; done++) bytes = changed(draw, bytes, donors);
  return bytes;
}

function changed(draw: Draw, bytes: Buffer, donors: readonly Buffer[]): Buffer {
  if (bytes.length < 4) return Buffer.concat([bytes, Buffer.alloc(between(draw, 1, 40), between(draw, 0, 255))]);
  const at = between(draw, 0, bytes.length - 1);
  const kind = draw();
  if (kind < 0.35) {
    bytes.writeUInt8((bytes.readUInt8(at) ^ (1 << between(draw, 0, 7))) & 0xff, at);
    return bytes;
  }
  if (kind < 0.55) {
    bytes.writeUInt8(between(draw, 0, 255), at);
    return bytes;
  }
  if (kind < 0.75) return inHeader(draw, bytes);
  if (kind < 0.83) return bytes.subarray(0, at);
  const to = Math.min(bytes.length, at + between(draw, 1, 60));
  if (kind < 0.88) return Buffer.concat([bytes.subarray(0, at), bytes.subarray(to)]);
  if (kind < 0.93) return Buffer.concat([bytes.subarray(0, to), bytes.subarray(at)]);
  const donor = pick(draw, donors);
  return Buffer.concat([bytes.subarray(0, at), donor.subarray(between(draw, 0, donor.length))]);
}

/** A field of the first header, or of one that follows where the first one's length says so. */
function inHeader(draw: Draw, bytes: Buffer): Buffer {
  const second = bytes.readUInt32BE(0);
  const start = draw() < 0.5 || second + 16 > bytes.length ? 0 : second;
  if (start + 16 > bytes.length) return bytes;
  const kind = draw();
  if (kind < 0.4) {
    const length = draw() < 0.5 ? pick(draw, WORDS) : (bytes.readUInt32BE(start) + between(draw, -20, 20)) >>> 0;
    bytes.writeUInt32BE(length, start);
  } else if (kind < 0.6) bytes.writeUInt16BE(pick(draw, WORDS) & 0xffff, start + 4);
  else if (kind < 0.8) bytes.writeUInt16BE(between(draw, 0, 5), start + 6);
  else bytes.writeUInt32BE(draw() < 0.7 ? between(draw, 0, 30) : pick(draw, WORDS), start + 8);
  return bytes;
}
