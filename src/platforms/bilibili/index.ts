import { setMaxListeners } from 'node:events';
import { BarrageError } from '../../model/errors.js';
import type { Logger } from '../../model/log.js';
import { RequestBudget } from '../budget.js';
import type { Clock } from '../clock.js';
import { openConnection, type Protocol } from '../connection.js';
import type {
  Connection,
  ConnectRequest,
  LiveRoom,
  LiveRoomsRequest,
  Platform,
  RoomInfo,
  RoomStatus,
} from '../platform.js';
import type { Target } from '../socket.js';
import { BilibiliApi } from './api.js';
import { BilibiliClient } from './api-client.js';
import { VisitorIdentity } from './api-identity.js';
import { BilibiliRooms } from './api-rooms.js';
import type { BilibiliConfig } from './config.js';
import { parseCookie, readCookieFile, type Cookie } from './cookie.js';
import { decodeFrame } from './decode-frame.js';
import { RoomEndpoints, type RoomAccess } from './endpoints.js';
import { encodeAuthentication, encodeHeartbeat, HEADER_BYTES, OPERATION } from './packet.js';
import { PacketSplitter } from './packet-splitter.js';

/** Bilibili, as one visitor's browser sees it; one for a whole worker, so that its rooms share budget, keys and visitor id. */
export class BilibiliPlatform implements Platform {
  readonly id = 'bilibili';
  readonly #lifetime = new AbortController();
  readonly #cookie: Cookie | undefined;
  readonly #rooms: BilibiliRooms;
  readonly #endpoints: RoomEndpoints;

  /** Throws `BAD_CONFIG` when the cookie file cannot be used. */
  constructor(
    private readonly config: BilibiliConfig,
    log: Logger,
    private readonly clock: Clock,
  ) {
    this.#cookie = cookieOf(config);
    const lifetime = this.#lifetime.signal;
    setMaxListeners(0, lifetime); // one for each request under way; many rooms may ask at once
    const budget = new RequestBudget(
      { requestsPerSecond: config.requestsPerSecond, burst: config.requestBurst },
      clock,
    );
    const client = new BilibiliClient(config, budget, clock, log);
    const identity = new VisitorIdentity(config, client, this.#cookie, lifetime, clock);
    const api = new BilibiliApi(config, client, identity, budget, clock);
    this.#rooms = new BilibiliRooms(config, client, api);
    this.#endpoints = new RoomEndpoints(config, api, lifetime, clock, log);
  }

  roomInfo(roomId: string, signal: AbortSignal): Promise<RoomInfo> {
    return this.#rooms.info(roomId, signal);
  }

  statusOfMany(rooms: readonly { roomId: string; ownerId: string }[], signal: AbortSignal): Promise<RoomStatus[]> {
    return this.#rooms.statusOfMany(rooms, signal);
  }

  liveRooms(request: LiveRoomsRequest, signal: AbortSignal): AsyncIterable<LiveRoom[]> {
    return this.#rooms.liveRooms(request, signal);
  }

  async connect(request: ConnectRequest, signal: AbortSignal): Promise<Connection> {
    const { roomId, attempt } = request;
    const access = await this.#endpoints.get(roomId, signal);
    const target = access.targets[(attempt - 1) % access.targets.length];
    if (!target) throw new BarrageError('PLATFORM_ERROR', `Room ${roomId}: the platform names no host for the chat.`);
    try {
      return await openConnection(this.#connectionOptions(request, access, target), signal);
    } catch (err) {
      if (err instanceof BarrageError && err.code === 'AUTH_REFUSED') this.#endpoints.drop(roomId, access);
      // Some refusals close the socket without a word (seen by blivedm).
      else if (err instanceof BarrageError && err.facts['stage'] === 'authentication')
        this.#endpoints.suspect(roomId, access);
      throw err;
    }
  }

  /** Ends what is being asked for; connections are their owners' to close. */
  async close(): Promise<void> {
    this.#lifetime.abort(new BarrageError('WORKER_SHUTDOWN', 'The worker is shutting down.'));
  }

  #connectionOptions({ roomId, ownerId }: ConnectRequest, access: RoomAccess, target: Target) {
    const { config } = this;
    return {
      subject: `Room ${roomId}`,
      target,
      protocol: this.#protocol(roomId, ownerId, access),
      headers: {
        'user-agent': config.userAgent,
        ...(this.#cookie ? { cookie: access.identity.cookie.reveal() } : {}),
      },
      connectTimeoutMs: config.connectTimeoutMs,
      authTimeoutMs: config.authTimeoutMs,
      heartbeatMs: config.heartbeatMs,
      readDeadlineMs: config.readDeadlineMs,
      // Somewhat too long is a dead letter, which the decoder makes of it; only far too long ends the connection.
      maxMessageBytes: 4 * config.limits.maxFrameBytes,
      queue: { maxFrames: config.maxQueuedFrames, maxBytes: config.maxQueuedBytes },
      clock: this.clock,
    };
  }

  #protocol(roomId: string, ownerId: string | undefined, { token, identity }: RoomAccess): Protocol {
    const { limits, protover } = this.config;
    const decodeOptions = { limits, ...(ownerId === undefined ? {} : { ownerId }) };
    return {
      authentication: () =>
        encodeAuthentication({
          roomId,
          uid: this.#cookie?.uid ?? 0,
          protocolVersion: protover,
          buvid: identity.buvid.reveal(),
          token: token.reveal(),
        }),
      heartbeat: encodeHeartbeat,
      answersHeartbeat: isHeartbeatReply,
      decode: (message) => decodeFrame(message, decodeOptions),
      splitter: () => new PacketSplitter(limits.maxFrameBytes),
    };
  }
}

/** Answers to heartbeats come alone in their message, and uncompressed. */
const isHeartbeatReply = (message: Uint8Array): boolean =>
  message.byteLength >= HEADER_BYTES &&
  new DataView(message.buffer, message.byteOffset).getUint32(8) === OPERATION.heartbeatReply;

function cookieOf({ cookie, cookieFile }: BilibiliConfig): Cookie | undefined {
  if (cookieFile !== undefined) return readCookieFile(cookieFile);
  if (!cookie) return undefined;
  const parsed = parseCookie(cookie.reveal());
  if (parsed.header.reveal() !== '') return parsed;
  throw new BarrageError(
    'BAD_CONFIG',
    'The cookie for Bilibili holds none of SESSDATA, bili_jct, DedeUserID and buvid3.',
  );
}
