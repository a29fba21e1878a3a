/**
 * Packets of the socket, big-endian: u32 length with header, u16 header length 16, u16 version of the body (0 JSON, 1 control,
 * 2 zlib of packets, 3 brotli of packets), u32 operation, u32 sequence. Seen in captures of 2026-09.
 */
import { brotliCompressSync, constants, deflateSync } from 'node:zlib';

const HEADER_BYTES = 16;
export const OPERATION = {
  heartbeat: 2,
  heartbeatReply: 3,
  message: 5,
  auth: 7,
  authReply: 8,
  acknowledge: 24,
} as const;
export type BodyVersion = 0 | 1 | 2 | 3;

export function writeHeader(
  target: Buffer,
  at: number,
  bytes: number,
  version: number,
  operation: number,
  sequence = 0,
): void {
  target.writeUInt32BE(bytes, at);
  target.writeUInt16BE(HEADER_BYTES, at + 4);
  target.writeUInt16BE(version, at + 6);
  target.writeUInt32BE(operation, at + 8);
  target.writeUInt32BE(sequence, at + 12);
}

export function packet(version: BodyVersion, operation: number, body: Buffer, sequence = 0): Buffer {
  const whole = Buffer.allocUnsafe(HEADER_BYTES + body.length);
  writeHeader(whole, 0, whole.length, version, operation, sequence);
  body.copy(whole, HEADER_BYTES);
  return whole;
}

export const jsonPacket = (operation: number, version: BodyVersion, value: unknown, sequence = 0): Buffer =>
  packet(version, operation, Buffer.from(JSON.stringify(value)), sequence);

let scratch = Buffer.allocUnsafe(256 * 1024);

/** The messages as version 0 packets, one after another. */
export function plainPackets(texts: readonly string[]): Buffer {
  let room = 0;
  for (const text of texts) room += HEADER_BYTES + text.length * 3;
  if (room > scratch.length) scratch = Buffer.allocUnsafe(room);
  let end = 0;
  for (const text of texts) {
    const bytes = HEADER_BYTES + scratch.write(text, end + HEADER_BYTES, 'utf8');
    writeHeader(scratch, end, bytes, 0, OPERATION.message);
    end += bytes;
  }
  return Buffer.from(scratch.subarray(0, end));
}

// The cheapest settings that still compress as the platform's own bodies do (8.4 KB of chat to 2.1 KB): the server must not
// take the processor from the system under test.
const BROTLI = { params: { [constants.BROTLI_PARAM_QUALITY]: 0, [constants.BROTLI_PARAM_LGWIN]: 18 } };
const ZLIB = { level: 1, memLevel: 5 };
const LEAST_CHUNK_BYTES = 512;

/**
 * Into a buffer that fits in one go: of the usual 16 KiB each time V8 would have to clean up tens of megabytes a second, which it does by looking
 * through its whole heap.
 */
function compress(version: 2 | 3, bytes: Buffer): Buffer {
  const chunkSize = LEAST_CHUNK_BYTES + (bytes.length >> 1);
  return version === 2
    ? deflateSync(bytes, { ...ZLIB, chunkSize })
    : brotliCompressSync(bytes, { ...BROTLI, chunkSize });
}

/** Packets in a body, as a client with this `protover` gets them. */
export function encodeFrame(plain: Buffer, version: 0 | 2 | 3, nested: boolean): Buffer {
  if (version === 0) return plain;
  const inner = nested ? packet(version, OPERATION.message, compress(version, plain)) : plain;
  return packet(version, OPERATION.message, compress(version, inner));
}

/** The answer to a heartbeat: its length counts only the first four bytes of the body, though the echo follows. */
export function heartbeatReply(popularity: number, echo: Buffer, version: BodyVersion): Buffer {
  const reply = Buffer.alloc(HEADER_BYTES + 4 + echo.length);
  writeHeader(reply, 0, HEADER_BYTES + 4, version, OPERATION.heartbeatReply);
  reply.writeUInt32BE(popularity, HEADER_BYTES);
  echo.copy(reply, HEADER_BYTES + 4);
  return reply;
}

export interface ClientPacket {
  operation: number;
  body: Buffer;
}

const MAX_CLIENT_BYTES = 65_536;

/** Puts together what a client sends, however it is split; a packet that cannot be one throws. */
export class PacketReader {
  #held: Buffer = Buffer.alloc(0);

  *read(bytes: Buffer): Generator<ClientPacket> {
    this.#held = this.#held.length === 0 ? bytes : Buffer.concat([this.#held, bytes]);
    while (this.#held.length >= HEADER_BYTES) {
      const length = this.#held.readUInt32BE(0);
      const header = this.#held.readUInt16BE(4);
      if (length < header || header < HEADER_BYTES || length > MAX_CLIENT_BYTES) throw new RangeError('not a packet');
      if (this.#held.length < length) return;
      const operation = this.#held.readUInt32BE(8);
      const body = this.#held.subarray(header, length);
      this.#held = this.#held.subarray(length);
      yield { operation, body };
    }
  }
}
