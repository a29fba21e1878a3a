import { connect, type Socket as NetSocket } from 'node:net';
import { codeOf } from '../model/error-code.js';
import {
  GOODBYE_MS,
  type DialOptions,
  type Socket,
  type SocketEnd,
  type SocketHandlers,
  type Target,
} from './socket.js';

/** Finds whole messages in a stream. `lost` says why there can be no further one. */
export interface Splitter {
  push(chunk: Uint8Array): { packets: Uint8Array[]; lost?: string };
}

/** The same messages over plain TCP. Rejects with the socket's own error, or with the signal's reason. */
export function dialTcp(
  target: Target,
  splitter: Splitter,
  handlers: SocketHandlers,
  options: Pick<DialOptions, 'handshakeTimeoutMs'>,
  signal: AbortSignal,
): Promise<Socket> {
  const net = connect({ host: target.host, port: target.port, noDelay: true, timeout: options.handshakeTimeoutMs });
  const line = new TcpSocket(net, splitter, handlers);
  return new Promise((resolve, reject) => {
    const abort = () => net.destroy();
    signal.addEventListener('abort', abort, { once: true });
    if (signal.aborted) abort();
    net.once('timeout', () => net.destroy(new Error('no answer')));
    net.once('connect', () => {
      signal.removeEventListener('abort', abort);
      net.setTimeout(0);
      line.opened = true;
      resolve(line);
    });
    net.once('close', () => {
      signal.removeEventListener('abort', abort);
      if (line.opened) return;
      reject(signal.aborted && signal.reason instanceof Error ? signal.reason : (line.failure ?? new Error('closed')));
    });
  });
}

class TcpSocket implements Socket {
  opened = false;
  failure: Error | undefined;
  #lost: string | undefined;
  #saidGoodbye = false;
  #goodbyeAnswered = false;

  constructor(
    private readonly net: NetSocket,
    splitter: Splitter,
    handlers: SocketHandlers,
  ) {
    net.on('error', (err) => (this.failure = err));
    net.on('data', (chunk) => {
      const { packets, lost } = splitter.push(chunk);
      for (const packet of packets) handlers.message(packet);
      if (lost === undefined) return;
      this.#lost ??= lost;
      net.destroy();
    });
    net.once('end', () => (this.#goodbyeAnswered = this.#saidGoodbye));
    net.once('close', () => {
      if (this.opened) handlers.ended(this.#end());
    });
  }

  send(bytes: Uint8Array): void {
    if (this.net.writable) this.net.write(bytes);
  }

  pause(): void {
    this.net.pause();
  }

  resume(): void {
    this.net.resume();
  }

  close(): void {
    this.#saidGoodbye = true;
    this.net.end();
    setTimeout(() => this.net.destroy(), GOODBYE_MS).unref();
  }

  terminate(): void {
    this.net.destroy();
  }

  /** TCP knows no goodbye: a server that crashed ends its stream as one that closed it does. */
  #end(): SocketEnd {
    if (this.#lost !== undefined) {
      return { clean: false, end: 'framing', detail: `lost the packet boundaries: ${this.#lost}` };
    }
    if (this.#goodbyeAnswered && !this.failure) return { clean: true, end: 'closed', detail: 'closed' };
    return { clean: false, end: 'lost', detail: codeOf(this.failure) ?? 'ended without a goodbye' };
  }
}
