import type { Socket } from 'node:net';
import type { WebSocket } from 'ws';

/** A transport under a connection: a WebSocket, or the same packets over plain TCP. */
export interface Line {
  readonly transport: 'ws' | 'tcp';
  readonly remoteAddress: string;
  send(bytes: Buffer): void;
  /** Part of a message; `last` ends it. */
  sendPiece(piece: Buffer, last: boolean): void;
  /** With a close frame, where there is such a thing. */
  close(code: number, reason: string): void;
  /** At once, without a word. */
  cut(): void;
  /** Hands over half of what a message would be, then cuts. */
  sever(bytes: Buffer): void;
  /** Reads nothing any more, not even that the other side is gone. */
  freeze(): void;
  bufferedBytes(): number;
}

export function wsLine(ws: WebSocket, socket: Socket): Line {
  return {
    transport: 'ws',
    remoteAddress: socket.remoteAddress ?? '',
    send: (bytes) => ws.send(bytes, ignoreError),
    sendPiece: (piece, last) => ws.send(piece, { fin: last }, ignoreError),
    close: (code, reason) => ws.close(code, reason),
    cut: () => ws.terminate(),
    sever: (bytes) => {
      const header = bytes.length < 126 ? Buffer.from([0x82, bytes.length]) : wideHeader(bytes.length);
      socket.end(Buffer.concat([header, bytes.subarray(0, bytes.length >> 1)]));
      socket.destroySoon();
    },
    freeze: () => ws.pause(),
    bufferedBytes: () => ws.bufferedAmount,
  };
}

export function tcpLine(socket: Socket): Line {
  return {
    transport: 'tcp',
    remoteAddress: socket.remoteAddress ?? '',
    send: (bytes) => void socket.write(bytes),
    sendPiece: (piece) => void socket.write(piece),
    close: () => void socket.end(),
    cut: () => socket.destroy(),
    sever: (bytes) => {
      socket.end(bytes.subarray(0, bytes.length >> 1));
      socket.destroySoon();
    },
    freeze: () => void socket.pause(),
    bufferedBytes: () => socket.writableLength,
  };
}

/** A socket that is gone says so by its close event; what was handed to it stands in the ledger either way. */
const ignoreError = (): void => undefined;

/** Of an unmasked binary WebSocket message of 126 bytes and more. */
function wideHeader(length: number): Buffer {
  if (length < 65_536) {
    const header = Buffer.from([0x82, 126, 0, 0]);
    header.writeUInt16BE(length, 2);
    return header;
  }
  const header = Buffer.alloc(10);
  header[0] = 0x82;
  header[1] = 127;
  header.writeUInt32BE(length, 6);
  return header;
}
