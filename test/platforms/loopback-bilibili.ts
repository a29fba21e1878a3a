import { setMaxListeners } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { brotliCompressSync } from 'node:zlib';
import { type WebSocket, WebSocketServer } from 'ws';
import { BilibiliConfig } from '../../src/platforms/bilibili/config.js';
import { BilibiliPlatform } from '../../src/platforms/bilibili/index.js';
import { encodePacket, OPERATION } from '../../src/platforms/bilibili/packet.js';
import { mixinKey, signedQuery } from '../../src/platforms/bilibili/wbi.js';
import { systemClock, type Clock } from '../../src/platforms/clock.js';
import { silentLog, type Logger } from '../../src/model/log.js';
import type { Connection, Frame } from '../../src/platforms/platform.js';

const IMAGE_KEY = '7cd084941338484aae1ad9425b84077c';
const SUB_KEY = '4932caff0ff746eab6f01bf08b70ac45';
export const NAV = '/x/web-interface/nav';
export const SPI = '/x/frontend/finger/spi';
export const ROOM_INIT = '/room/v1/Room/room_init';
export const INFO = '/xlive/web-room/v1/index/getInfoByRoom';
export const DANMU_INFO = '/xlive/web-room/v1/index/getDanmuInfo';
export const STATUS = '/room/v1/Room/get_status_info_by_uids';
export const LIST = '/room/v3/area/getRoomList';

type Route = (request: IncomingMessage, response: ServerResponse, url: URL) => void;

/** The few interfaces of the platform that a test needs, and a socket that does what the test says; on loopback. */
export class LoopbackBilibili {
  readonly requests: { path: string; url: URL; headers: IncomingMessage['headers'] }[] = [];
  readonly routes = new Map<string, Route>();
  readonly authentications: Record<string, unknown>[] = [];
  readonly upgrades: IncomingMessage['headers'][] = [];
  readonly sockets: WebSocket[] = [];
  heartbeats = 0;
  token = 'canary-token';
  buvid = 'CANARY-BUVID-1';
  /** Hosts in getDanmuInfo; this server itself where undefined. */
  hosts: { host: string; port?: number; ws_port?: number; wss_port?: number }[] | undefined;
  /** What a socket does with a packet; the default answers authentications and heartbeats. */
  onPacket: (socket: WebSocket, operation: number, body: string) => void = (socket, operation) => {
    if (operation === OPERATION.authenticate) socket.send(authAnswer(0));
    if (operation === OPERATION.heartbeat) socket.send(heartbeatAnswer());
  };
  readonly #http = createServer((request, response) => this.#answer(request, response));
  readonly #ws = new WebSocketServer({ server: this.#http });

  static async start(): Promise<LoopbackBilibili> {
    const server = new LoopbackBilibili();
    await new Promise<void>((resolve) => server.#http.listen(0, '127.0.0.1', resolve));
    return server;
  }

  get port(): number {
    return (this.#http.address() as AddressInfo).port;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  constructor() {
    this.routes.set(
      NAV,
      json({ code: -101, data: { wbi_img: { img_url: keyUrl(IMAGE_KEY), sub_url: keyUrl(SUB_KEY) } } }),
    );
    this.routes.set(SPI, (_, response) => send(response, { code: 0, data: { b_3: this.buvid, b_4: 'x' } }));
    this.routes.set(DANMU_INFO, (request, response, url) => {
      if (!isSigned(url) || !request.headers.cookie?.includes('buvid3=')) return send(response, { code: -352 });
      const hosts = this.hosts ?? [{ host: '127.0.0.1', port: this.port, ws_port: this.port, wss_port: this.port }];
      return send(response, { code: 0, data: { token: this.token, host_list: hosts } });
    });
    this.#ws.on('connection', (socket, request) => {
      this.sockets.push(socket);
      this.upgrades.push(request.headers);
      socket.on('error', () => {});
      socket.on('message', (data: Buffer) => {
        const operation = data.readUInt32BE(8);
        const body = data.subarray(16).toString();
        if (operation === OPERATION.authenticate) this.authentications.push(JSON.parse(body));
        if (operation === OPERATION.heartbeat) this.heartbeats++;
        this.onPacket(socket, operation, body);
      });
    });
  }

  count(path: string): number {
    return this.requests.filter((request) => request.path === path).length;
  }

  config(settings: Record<string, unknown> = {}): BilibiliConfig {
    return BilibiliConfig.parse({
      apiUrl: this.url,
      liveApiUrl: this.url,
      wwwUrl: this.url,
      transport: 'ws',
      requestsPerSecond: 1000,
      requestBurst: 1000,
      ...settings,
    });
  }

  platform(
    settings: Record<string, unknown> = {},
    log: Logger = silentLog,
    clock: Clock = systemClock,
  ): BilibiliPlatform {
    return new BilibiliPlatform(this.config(settings), log, clock);
  }

  async stop(): Promise<void> {
    for (const socket of this.sockets) socket.terminate();
    this.#ws.close();
    this.#http.closeAllConnections();
    await new Promise((resolve) => this.#http.close(resolve));
  }

  #answer(request: IncomingMessage, response: ServerResponse): void {
    const url = new URL(request.url ?? '/', this.url);
    this.requests.push({ path: url.pathname, url, headers: request.headers });
    const route = this.routes.get(url.pathname);
    if (route) route(request, response, url);
    else response.writeHead(404).end();
  }
}

export const send = (response: ServerResponse, body: unknown, status = 200, headers = {}): void => {
  response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body));
};

export const json =
  (body: unknown, status = 200, headers = {}): Route =>
  (_, response) =>
    send(response, body, status, headers);

const keyUrl = (key: string) => `https://i0.hdslb.com/bfs/wbi/${key}.png`;

export function isSigned(url: URL): boolean {
  const params = Object.fromEntries(url.searchParams);
  const { w_rid, wts, ...rest } = params;
  const mixin = mixinKey(keyUrl(IMAGE_KEY), keyUrl(SUB_KEY)) ?? '';
  return signedQuery(rest, mixin, Number(wts)).endsWith(`w_rid=${w_rid}`);
}

export const authAnswer = (code: number): Buffer => encodePacket(OPERATION.authenticated, JSON.stringify({ code }));

export const heartbeatAnswer = (): Buffer => encodePacket(OPERATION.heartbeatReply, '\0\0\0\x01');

/** A message of a kind that carries a number, so that a reader sees which one it is; `filler` makes it as long as wanted. */
export const numbered = (n: number, filler = ''): Buffer =>
  encodePacket(OPERATION.message, JSON.stringify({ cmd: 'WATCHED_CHANGE', data: { num: n, filler } }));

export const packed = (packets: Buffer): Buffer => {
  const packet = Buffer.from(encodePacket(OPERATION.message, ''));
  const body = brotliCompressSync(packets);
  packet.writeUInt32BE(16 + body.length, 0);
  packet.writeUInt16BE(3, 6);
  return Buffer.concat([packet, body]);
};

export const never = new AbortController().signal;
setMaxListeners(0, never); // many rooms of a test share it

/** Reads the connection's frames into a list, in the background. */
export function collect(connection: Connection): { frames: Frame[]; done: Promise<void> } {
  const frames: Frame[] = [];
  const read = async () => {
    for await (const frame of connection.frames()) frames.push(frame);
  };
  return { frames, done: read() };
}
