import { WebSocket } from 'ws';
import { codeOf } from '../model/error-code.js';

/** Where to dial. */
export interface Target {
  transport: 'wss' | 'ws' | 'tcp';
  host: string;
  port: number;
  /** Of the WebSocket; ignored over TCP. */
  path: string;
}

/** How a socket ended. `clean` means that the other side said goodbye, so that nothing it sent before can be missing. */
export interface SocketEnd {
  clean: boolean;
  end: 'lost' | 'framing' | 'closed';
  detail: string;
}

/** Called by a socket, never within the call that dials it. `ended` comes last, and once. */
export interface SocketHandlers {
  message(bytes: Uint8Array): void;
  ended(end: SocketEnd): void;
}

/** A dialled socket that carries whole messages, whatever it is made of. */
export interface Socket {
  send(bytes: Uint8Array): void;
  /** What is in the current chunk still comes: 64 KiB at most. */
  pause(): void;
  resume(): void;
  /** Says goodbye, and ends within {@link GOODBYE_MS} even if nobody answers. */
  close(): void;
  /** Ends at once. */
  terminate(): void;
}

export interface DialOptions {
  headers: Readonly<Record<string, string>>;
  /** A longer message ends the connection before it is held in memory. */
  maxMessageBytes: number;
  handshakeTimeoutMs: number;
}

/** How long a goodbye may wait for its answer. */
export const GOODBYE_MS = 1_500;

/** Real messages are one or a few fragments; without a bound, tiny ones would cost far more memory than bytes. */
const MAX_FRAGMENTS = 256;

/** A packet on the wire is 1,400 bytes or so; 4 MiB in 16,384 chunks are 256 bytes each. */
const MAX_BUFFERED_CHUNKS = 16_384;

/** Nothing that we send comes near this; answers to a flood of pings would. */
const MAX_UNSENT_BYTES = 256 * 1024;

export const endpointOf = ({ host, port }: Target): string =>
  `${host.includes(':') && !host.startsWith('[') ? `[${host}]` : host}:${port}`;

/** Rejects with the socket's own error, or with the signal's reason. */
export function dialWebSocket(
  target: Target,
  handlers: SocketHandlers,
  options: DialOptions,
  signal: AbortSignal,
): Promise<Socket> {
  const ws = new WebSocket(`${target.transport}://${endpointOf(target)}${target.path}`, optionsOf(options));
  return new Promise((resolve, reject) => {
    const abort = () => ws.terminate();
    let failure: Error | undefined;
    let opened = false;
    signal.addEventListener('abort', abort, { once: true });
    if (signal.aborted) abort();
    ws.on('error', (err) => (failure = err));
    ws.on('message', (data) => handlers.message(bytesOf(data)));
    ws.on('ping', () => {
      if (ws.bufferedAmount > MAX_UNSENT_BYTES) ws.terminate();
    });
    ws.once('open', () => {
      opened = true;
      signal.removeEventListener('abort', abort);
      resolve(socketOf(ws));
    });
    ws.once('close', (code, reason) => {
      signal.removeEventListener('abort', abort);
      if (opened) handlers.ended(endOf(code, reason, failure));
      else reject(signal.aborted && signal.reason instanceof Error ? signal.reason : (failure ?? new Error('closed')));
    });
  });
}

function optionsOf({ headers, maxMessageBytes, handshakeTimeoutMs }: DialOptions) {
  return {
    headers: { ...headers },
    maxPayload: maxMessageBytes,
    maxFragments: MAX_FRAGMENTS,
    maxBufferedChunks: MAX_BUFFERED_CHUNKS,
    handshakeTimeout: handshakeTimeoutMs,
    followRedirects: false,
    perMessageDeflate: false, // the packets are compressed themselves, under limits of our own
    skipUTF8Validation: true, // every message is handed on as bytes
    closeTimeout: GOODBYE_MS,
  };
}

const socketOf = (ws: WebSocket): Socket => ({
  send: (bytes) => {
    if (ws.readyState === WebSocket.OPEN) ws.send(bytes, () => {}); // a failure to send ends the socket, which is heard of
  },
  pause: () => ws.pause(),
  resume: () => ws.resume(),
  close: () => ws.close(1000),
  terminate: () => ws.terminate(),
});

function bytesOf(data: Buffer | ArrayBuffer | Buffer[]): Uint8Array {
  if (Buffer.isBuffer(data)) return data;
  return Array.isArray(data) ? Buffer.concat(data) : new Uint8Array(data);
}

/** 1006 is what `ws` reports when no close frame came. */
function endOf(code: number, reason: Buffer, failure: Error | undefined): SocketEnd {
  const problem = codeOf(failure);
  if (problem?.startsWith('WS_ERR_')) return { clean: false, end: 'framing', detail: `broke the protocol: ${problem}` };
  if (code === 1006) return { clean: false, end: 'lost', detail: problem ?? 'ended without a goodbye' };
  // A long word is no word: it could be a token or a cookie that comes back.
  const words = reason
    .toString('utf8')
    .replace(/\S{21,}/g, '')
    .replace(/[^\p{L}\p{N} .,:_-]/gu, '')
    .trim()
    .slice(0, 60);
  return { clean: true, end: 'closed', detail: `closed by the platform with ${code}${words ? ` (${words})` : ''}` };
}
