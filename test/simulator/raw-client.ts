import { brotliDecompressSync, inflateSync } from 'node:zlib';
import { WebSocket } from 'ws';
import { PUBLISHED_KEYS, signatureOf } from '../../src/simulator/wbi-check.js';

export interface RawPacket {
  version: number;
  operation: number;
  sequence: number;
  body: Buffer;
}

/** Every packet of a socket message, compressed bodies opened. */
export function packetsOf(bytes: Buffer): RawPacket[] {
  const packets: RawPacket[] = [];
  for (let at = 0; at < bytes.length;) {
    const length = bytes.readUInt32BE(at);
    const version = bytes.readUInt16BE(at + 6);
    const body = bytes.subarray(at + bytes.readUInt16BE(at + 4), at + length);
    const operation = bytes.readUInt32BE(at + 8);
    if (version === 2) packets.push(...packetsOf(inflateSync(body)));
    else if (version === 3) packets.push(...packetsOf(brotliDecompressSync(body)));
    else packets.push({ version, operation, sequence: bytes.readUInt32BE(at + 12), body });
    if (operation === 3) break; // what follows is the echo
    at += length;
  }
  return packets;
}

export function clientPacket(operation: number, body: string): Buffer {
  const header = Buffer.alloc(16);
  const content = Buffer.from(body);
  header.writeUInt32BE(16 + content.length, 0);
  header.writeUInt16BE(16, 4);
  header.writeUInt16BE(1, 6);
  header.writeUInt32BE(operation, 8);
  header.writeUInt32BE(1, 12);
  return Buffer.concat([header, content]);
}

export const authPacket = (roomId: number, token: string, protover: number): Buffer =>
  clientPacket(
    7,
    JSON.stringify({ uid: 0, roomid: roomId, protover, platform: 'web', type: 2, key: token, buvid: 'x' }),
  );

/** A path and query with a right signature. */
export function signed(path: string, query: Record<string, string>, keys = PUBLISHED_KEYS): string {
  const all = { ...query, wts: String(Math.floor(Date.now() / 1000)) };
  const rid = signatureOf(new Map(Object.entries(all)), keys);
  return `${path}?${new URLSearchParams({ ...all, w_rid: rid }).toString().replaceAll('+', '%20')}`;
}

/** Whatever JSON came; tests say what they expect of it. */
type Body = ReturnType<typeof JSON.parse>;

export async function ask(
  base: string,
  path: string,
  cookie = 'buvid3=AAAA-infoc',
): Promise<{ status: number; headers: Headers; body: Body }> {
  const response = await fetch(base + path, { headers: { cookie } });
  return { status: response.status, headers: response.headers, body: await response.json() };
}

export async function tokenFor(base: string, roomId: number): Promise<string> {
  const { body } = await ask(base, signed('/xlive/web-room/v1/index/getDanmuInfo', { id: String(roomId), type: '0' }));
  return body.data.token;
}

/** A client that keeps what it got. */
export class RawClient {
  readonly messages: Buffer[] = [];
  closeCode: number | undefined;
  private constructor(readonly ws: WebSocket) {
    ws.on('message', (data: Buffer) => this.messages.push(data));
    ws.on('close', (code) => (this.closeCode = code));
    ws.on('error', () => undefined);
  }

  static async open(url: string): Promise<RawClient> {
    const client = new RawClient(new WebSocket(url, { perMessageDeflate: false }));
    await new Promise((done, failed) => client.ws.once('open', done).once('error', failed));
    return client;
  }

  static async join(base: string, roomId: number, protover: number): Promise<RawClient> {
    const token = await tokenFor(base, roomId);
    const client = await RawClient.open(`${base.replace('http', 'ws')}/sub`);
    client.ws.send(authPacket(roomId, token, protover));
    return client;
  }

  packets(operation: number): RawPacket[] {
    return this.messages.flatMap((bytes) => packetsOf(bytes)).filter((packet) => packet.operation === operation);
  }

  texts(): string[] {
    return this.packets(5).map(({ body }) => body.toString('utf8'));
  }

  close(): void {
    this.ws.terminate();
  }
}
