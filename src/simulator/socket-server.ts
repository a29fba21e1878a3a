import { createServer as createHttpServer, type IncomingMessage, type Server as HttpServer } from 'node:http';
import { createServer as createTcpServer, Socket, type Server as TcpServer } from 'node:net';
import type { Duplex } from 'node:stream';
import { WebSocketServer, type RawData } from 'ws';
import { SocketConnection, type ConnectionHost } from './connection.js';
import { tcpLine, wsLine, type Line } from './line.js';

/** One place of `host_list`. */
export interface SocketHost {
  endpoint: string;
  port: number;
  /** Until then (ms since the epoch) it refuses every connection. */
  downUntil: number;
}

const MAX_CLIENT_BYTES = 65_536;

/** Accepts connections on any number of ports, and counts them by address. */
export class SocketServer {
  readonly hosts: SocketHost[] = [];
  readonly connections = new Set<SocketConnection>();
  tcpPort = 0;
  /** How many connections were closed at once because their address held too many. */
  overLimit = 0;
  readonly #upgrader = new WebSocketServer({ noServer: true, perMessageDeflate: false, maxPayload: MAX_CLIENT_BYTES });
  readonly #servers: (HttpServer | TcpServer)[] = [];
  readonly #sockets = new Set<Duplex>();
  readonly #held = new Map<string, number>();

  constructor(private readonly host: ConnectionHost) {}

  /** Lets an HTTP server that listens elsewhere take connections at `/sub`, as the next place of the list. */
  attach(server: HttpServer, port: number): void {
    const place: SocketHost = { endpoint: `${this.host.options.host}:${port}`, port, downUntil: 0 };
    this.hosts.push(place);
    server.on('upgrade', (request, socket, head) => this.#upgrade(place, request, socket, head));
    server.on('connection', (socket: Socket) => {
      this.#sockets.add(socket);
      socket.on('close', () => this.#sockets.delete(socket));
    });
  }

  async listenExtra(): Promise<void> {
    const server = createHttpServer((_, response) => response.writeHead(404).end());
    this.#servers.push(server);
    this.attach(server, await listen(server, 0, this.host.options.host));
  }

  async listenTcp(): Promise<void> {
    const server = createTcpServer((socket) => {
      this.#sockets.add(socket);
      socket.setNoDelay(true);
      const connection = this.#accept(tcpLine(socket), `tcp:${this.tcpPort}`);
      socket.on('error', () => undefined);
      socket.on('close', () => {
        this.#sockets.delete(socket);
        connection?.gone('closed');
      });
      socket.on('data', (bytes) => connection?.received(bytes));
    });
    this.#servers.push(server);
    this.tcpPort = await listen(server, 0, this.host.options.host);
  }

  /** Forgets a connection that ended. */
  forget(connection: SocketConnection): void {
    if (!this.connections.delete(connection)) return;
    const { remoteAddress } = connection.record;
    this.#held.set(remoteAddress, (this.#held.get(remoteAddress) ?? 1) - 1);
  }

  async close(): Promise<void> {
    for (const connection of [...this.connections]) connection.cut('server', 'the simulator ends');
    for (const socket of this.#sockets) socket.destroy();
    this.#upgrader.close();
    await Promise.all(this.#servers.map((server) => new Promise((done) => server.close(done))));
  }

  #upgrade(place: SocketHost, request: IncomingMessage, duplex: Duplex, head: Buffer): void {
    duplex.on('error', () => duplex.destroy());
    const path = new URL(request.url ?? '/', 'http://simulator').pathname;
    if (place.downUntil > Date.now()) this.host.ledger.refusals.push(Date.now());
    if (!(duplex instanceof Socket) || place.downUntil > Date.now()) return void duplex.destroy();
    if (path !== '/sub') return void duplex.end('HTTP/1.1 404 Not Found\r\nConnection: close\r\n\r\n');
    duplex.setNoDelay(true);
    this.#upgrader.handleUpgrade(request, duplex, head, (ws) => {
      const connection = this.#accept(wsLine(ws, duplex), place.endpoint);
      ws.on('error', () => undefined);
      ws.on('close', (code) => connection?.gone(`closed with code ${code}`));
      ws.on('message', (data: RawData) => connection?.received(asBuffer(data)));
    });
  }

  #accept(line: Line, endpoint: string): SocketConnection | undefined {
    const held = this.#held.get(line.remoteAddress) ?? 0;
    if (held >= this.host.options.connectionLimit) {
      this.overLimit++;
      line.close(1008, '');
      return undefined;
    }
    this.#held.set(line.remoteAddress, held + 1);
    const connection = new SocketConnection(this.host, line, endpoint);
    this.connections.add(connection);
    return connection;
  }
}

const asBuffer = (data: RawData): Buffer =>
  Array.isArray(data) ? Buffer.concat(data) : Buffer.isBuffer(data) ? data : Buffer.from(data);

/** Resolves with the port. */
export async function listen(server: HttpServer | TcpServer, port: number, host: string): Promise<number> {
  await new Promise<void>((done, failed) => {
    server.once('error', failed);
    server.listen(port, host, () => {
      server.off('error', failed);
      done();
    });
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the server listens on no port');
  return address.port;
}
