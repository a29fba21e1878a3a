/** Packets that are well framed and odd in every other way, one after another. */
import { brotliCompressSync, constants, deflateRawSync, deflateSync, gzipSync } from 'node:zlib';
import { heartbeatReply, OPERATION, packet, plainPackets, writeHeader } from '../simulator/packets.js';
import { between, pick, type Draw } from '../simulator/random.js';
import { oddValue } from './odd-values.js';
import type { Seeds } from './seeds.js';

const BROTLI = { params: { [constants.BROTLI_PARAM_QUALITY]: 0, [constants.BROTLI_PARAM_LGWIN]: 16 } };
const ZLIB = { level: 1, memLevel: 4, windowBits: 12 };

export const compress = (draw: Draw, bytes: Buffer): Buffer =>
  draw() < 0.5
    ? packet(2, OPERATION.message, deflateSync(bytes, ZLIB))
    : packet(3, OPERATION.message, brotliCompressSync(bytes, BROTLI));

/** One to five packets; some of them packed, and packed again. */
export function oddPackets(draw: Draw, seeds: Seeds): Buffer {
  const packets = Array.from({ length: between(draw, 1, 5) }, () => oddPacket(draw, seeds));
  return Buffer.concat(packets);
}

function oddPacket(draw: Draw, seeds: Seeds): Buffer {
  const kind = draw();
  if (kind < 0.2) return plainPackets([pick(draw, seeds.messages).text]);
  if (kind < 0.35) return withHeader(draw, Buffer.from(oddValue(draw)));
  if (kind < 0.5) return authReply(draw);
  if (kind < 0.65) return heartbeatAnswer(draw);
  if (kind < 0.8) return withHeader(draw, Buffer.from(pick(draw, seeds.messages).text));
  if (kind < 0.88) return wronglyPacked(draw, seeds);
  if (kind < 0.94) return packet(0, OPERATION.message, Buffer.alloc(between(draw, 0, 3)));
  return nested(draw, plainPackets([pick(draw, seeds.messages).text]), between(draw, 1, 4));
}

/** Any version and operation, and a header of any length, which is filled up. */
function withHeader(draw: Draw, body: Buffer): Buffer {
  const extra = draw() < 0.3 ? between(draw, 0, 300) : 0;
  const bytes = Buffer.alloc(16 + extra + body.length, 0x20);
  writeHeader(
    bytes,
    0,
    bytes.length,
    draw() < 0.6 ? 0 : between(draw, 0, 6),
    draw() < 0.6 ? OPERATION.message : between(draw, 0, 30),
  );
  bytes.writeUInt16BE(16 + extra, 4);
  body.copy(bytes, 16 + extra);
  return bytes;
}

function authReply(draw: Draw): Buffer {
  const body =
    draw() < 0.5
      ? `{"code":${oddValue(draw)}}`
      : pick(draw, ['', '\0\0', '{"code":0}', '{"code":-101}', '{}', 'null', ' ', '[0]']);
  return packet(1, OPERATION.authReply, Buffer.from(body));
}

function heartbeatAnswer(draw: Draw): Buffer {
  if (draw() < 0.3)
    return packet(1, OPERATION.heartbeatReply, Buffer.alloc(between(draw, 0, 6), between(draw, 0, 255)));
  const echo =
    draw() < 0.5 ? Buffer.alloc(0) : Buffer.from(pick(draw, ['[object Object]', '{}', '\0\0\0\u0010\0\u0010']));
  return heartbeatReply(pick(draw, [0, 1, 2, 65_536, 4_294_967_295]), echo, 0);
}

function wronglyPacked(draw: Draw, seeds: Seeds): Buffer {
  const plain = plainPackets([pick(draw, seeds.messages).text]);
  const version = draw() < 0.5 ? 2 : 3;
  const kind = draw();
  if (kind < 0.2) return packet(version, OPERATION.message, gzipSync(plain, { level: 1, memLevel: 4 }));
  if (kind < 0.4) return packet(version, OPERATION.message, deflateRawSync(plain, ZLIB));
  if (kind < 0.6) return packet(version, OPERATION.message, plain);
  const whole = compress(draw, plain);
  if (kind < 0.8) return packet(version, OPERATION.message, whole.subarray(16, between(draw, 17, whole.length)));
  return packet(version, OPERATION.message, Buffer.concat([whole.subarray(16), plain])); // something behind its end
}

const nested = (draw: Draw, inner: Buffer, times: number): Buffer =>
  times === 0 ? inner : nested(draw, compress(draw, inner), times - 1);
