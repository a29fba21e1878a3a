import { brotliCompressSync, deflateSync } from 'node:zlib';

/** What a server sends, written independently of the codec under test. */
export interface TestPacket {
  body: Uint8Array | string;
  operation?: number;
  version?: number;
  headerBytes?: number;
  /** Overrides the true length. */
  totalBytes?: number;
}

export function packet({ body, operation = 5, version = 0, headerBytes = 16, totalBytes }: TestPacket): Buffer {
  const content = Buffer.from(body);
  const bytes = Buffer.alloc(Math.max(16, headerBytes) + content.length);
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  view.setUint32(0, totalBytes ?? bytes.length);
  view.setUint16(4, headerBytes);
  view.setUint16(6, version);
  view.setUint32(8, operation);
  content.copy(bytes, Math.max(16, headerBytes));
  return bytes;
}

export const json = (value: unknown): Buffer => packet({ body: JSON.stringify(value) });

/** Packs packets into one, as version 2 or 3 does; 0 leaves them as they are. */
export function pack(version: 0 | 2 | 3, ...packets: Uint8Array[]): Buffer {
  const content = Buffer.concat(packets);
  if (version === 0) return content;
  return packet({ version, body: version === 2 ? deflateSync(content) : brotliCompressSync(content) });
}

/** A chat message, of which a test names what it looks at. */
export function chatMessage(text: string, id?: string): Record<string, unknown> {
  const extra = JSON.stringify({
    content: text,
    ...(id === undefined ? {} : { id_str: id }),
    reply_mid: 0,
    reply_uname: '',
  });
  const head = [
    0,
    1,
    25,
    0xffffff,
    1_790_519_893_202,
    1_790_519_804,
    0,
    '8a3c13f0',
    0,
    0,
    0,
    '',
    0,
    '{}',
    '{}',
    { extra },
  ];
  return {
    cmd: 'DANMU_MSG',
    info: [head, text, [0, '观***', 0], [], [20, 0], ['', ''], 0, 0, null, { ts: 1_790_519_893 }],
  };
}
