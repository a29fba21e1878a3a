/**
 * The packets of the live chat socket. Constraints: all integers are big-endian; one WebSocket message holds whole packets, over TCP they
 * are split anywhere; a compressed body holds whole packets again. Layout:
 *
 *     0  u32  total length, header included     8   u32  operation
 *     4  u16  header length, 16                 12  u32  sequence: 1 from the client, 0 from the server
 *     6  u16  version of the body
 *
 * Answers 3 and 8 come with version 0 as well as 1, so the operation decides what a body is (captured from live rooms, 2026-09).
 * The length of a heartbeat's answer leaves out the echo of the heartbeat's own body; ours is empty, so nothing is echoed.
 */

export const HEADER_BYTES = 16;

export const OPERATION = {
  heartbeat: 2,
  heartbeatReply: 3,
  message: 5,
  authenticate: 7,
  authenticated: 8,
} as const;

/** How a body is packed. Anything but `zlib` and `brotli` is the body itself. */
export const VERSION = { json: 0, control: 1, zlib: 2, brotli: 3 } as const;

export interface Authentication {
  /** Decimal digits; the canonical one. */
  roomId: string;
  /** 0 = anonymous; else the owner of the cookie that fetched the token. */
  uid: number;
  /** Chooses the compression of the room's messages. */
  protocolVersion: 0 | 2 | 3;
  /** The cookie `buvid3`. */
  buvid: string;
  token: string;
}

/** One packet as a client sends it. */
export function encodePacket(operation: number, body = ''): Buffer {
  const bodyBytes = Buffer.byteLength(body);
  const packet = Buffer.alloc(HEADER_BYTES + bodyBytes);
  packet.writeUInt32BE(packet.length, 0);
  packet.writeUInt16BE(HEADER_BYTES, 4);
  packet.writeUInt16BE(VERSION.json, 6);
  packet.writeUInt32BE(operation, 8);
  packet.writeUInt32BE(1, 12);
  packet.write(body, HEADER_BYTES);
  return packet;
}

/**
 * The first packet of a connection, due within 5 s. It holds the token: keep it out of logs. A browser also asks to acknowledge messages
 * (`support_ack`, operation 24); who does not ask is served all the same.
 */
export function encodeAuthentication(request: Authentication): Buffer {
  const { roomId, uid, protocolVersion, buvid, token } = request;
  const body = {
    uid,
    roomid: Number(roomId),
    protover: protocolVersion,
    buvid,
    platform: 'web',
    type: 2,
    key: token,
  };
  return encodePacket(OPERATION.authenticate, JSON.stringify(body));
}

/** Due at once after the authentication's answer, then every 30 s. */
export function encodeHeartbeat(): Buffer {
  return encodePacket(OPERATION.heartbeat);
}

/** What is wrong with the header at `start`, of which the bytes up to `end` are at hand; nothing when a whole packet is there. */
export function framingFault(bytes: Buffer, start: number, end: number): string | undefined {
  const available = end - start;
  if (available < HEADER_BYTES) return `${available} bytes are left, fewer than a header`;
  const total = bytes.readUInt32BE(start);
  const header = bytes.readUInt16BE(start + 4);
  if (header < HEADER_BYTES) return `a header of ${header} bytes`;
  if (total < header) return `a packet of ${total} bytes with a header of ${header}`;
  if (total > available) return `a packet of ${total} bytes where ${available} are left`;
  return undefined;
}
