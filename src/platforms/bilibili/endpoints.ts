import { BarrageError } from '../../model/errors.js';
import type { Logger } from '../../model/log.js';
import { Secret } from '../../model/secret.js';
import type { Clock } from '../clock.js';
import { SingleFlight } from '../single-flight.js';
import { endpointOf, type Target } from '../socket.js';
import type { BilibiliApi } from './api.js';
import type { Identity } from './api-identity.js';
import type { DanmuHost } from './api-wire.js';
import type { BilibiliConfig } from './config.js';
import { hostRule, isOwnHost } from './hosts.js';

const CHAT_PATH = '/sub';

/** In every list that was captured, and reachable when the hosts before it are not. */
const FALLBACK: DanmuHost = { host: 'broadcastlv.chat.bilibili.com', port: 2243, ws_port: 2244, wss_port: 443 };

/** Rooms whose tokens are kept at once; more than one address may hold connections. */
const MAX_KEPT = 10_000;

/** A token that was new when the socket closed on it is hardly the reason. */
const FRESH_MS = 60_000;

/** What a connection to one room needs. */
export interface RoomAccess {
  token: Secret;
  /** The token is good for this visitor only. */
  identity: Identity;
  targets: Target[];
  fetchedAtMs: number;
}

/** Tokens and endpoints by room, kept for a while: a storm of reconnects costs sockets, not requests. */
export class RoomEndpoints {
  readonly #rooms = new Map<string, SingleFlight<RoomAccess>>();

  /** `lifetime` ends requests that are under way. */
  constructor(
    private readonly config: BilibiliConfig,
    private readonly api: Pick<BilibiliApi, 'danmuInfo'>,
    private readonly lifetime: AbortSignal,
    private readonly clock: Clock,
    private readonly log: Logger,
  ) {}

  async get(roomId: string, signal: AbortSignal): Promise<RoomAccess> {
    const room =
      this.#rooms.get(roomId) ??
      new SingleFlight(
        () => this.#fetch(roomId),
        this.config.tokenTtlMs,
        () => this.clock.monotonicMs(),
      );
    this.#rooms.delete(roomId); // and in again, as the one used last
    this.#rooms.set(roomId, room);
    for (const oldest of this.#rooms.keys()) {
      if (this.#rooms.size <= MAX_KEPT) break;
      this.#rooms.delete(oldest);
    }
    return room.get(signal);
  }

  /** The chat did not take this access; the next `get` asks for another. */
  drop(roomId: string, access: RoomAccess): void {
    this.#rooms.get(roomId)?.drop(access);
  }

  /** As {@link drop}, where the token is only a suspect: at most one request a minute comes of it. */
  suspect(roomId: string, access: RoomAccess): void {
    if (this.clock.monotonicMs() - access.fetchedAtMs > FRESH_MS) this.drop(roomId, access);
  }

  async #fetch(roomId: string): Promise<RoomAccess> {
    const { data, identity } = await this.api.danmuInfo(roomId, this.lifetime);
    return {
      token: new Secret(data.token),
      identity,
      targets: this.#targets(roomId, data.host_list),
      fetchedAtMs: this.clock.monotonicMs(),
    };
  }

  #targets(roomId: string, named: readonly DanmuHost[]): Target[] {
    const { config } = this;
    if (config.socketUrl !== undefined) return this.#checked(roomId, [urlTarget(config.socketUrl)]);
    const { hostname } = new URL(config.liveApiUrl);
    const targets = this.#checked(
      roomId,
      named.flatMap((host) => targetOf(host, config.transport)),
    );
    // Outside the platform's own domains there is nothing to fall back on: the real hosts know nothing of a simulator's token.
    const all = isOwnHost(hostname) ? [...targets, ...targetOf(FALLBACK, config.transport)] : targets;
    if (all.length === 0)
      throw new BarrageError('PLATFORM_ERROR', `Room ${roomId}: the platform names no host for the chat.`);
    return [...new Map(all.map((target) => [endpointOf(target), target])).values()];
  }

  #checked(roomId: string, targets: Target[]): Target[] {
    const allowed = hostRule(this.config.liveApiUrl);
    const good = targets.filter(({ host }) => allowed(host));
    const refused = targets.find(({ host }) => !allowed(host));
    if (!refused) return good;
    const host = shownHost(refused.host);
    if (good.length === 0) {
      throw new BarrageError(
        'HOST_REFUSED',
        `Room ${roomId}: the platform names ${host} for the chat, which is none of its own.`,
        { host },
      );
    }
    this.log.warn({ roomId, host }, 'left out a host outside the platform’s own domains');
    return good;
  }
}

/** A host as people may see it. What is made like none could be a token or a cookie that comes back. */
const shownHost = (host: string): string =>
  /^([a-z0-9_-]{1,40}(\.[a-z0-9_-]{1,40})+|localhost|\[?[0-9a-f]{0,4}(:[0-9a-f.]{0,15}){2,7}\]?)$/i.test(host)
    ? host.slice(0, 100)
    : 'something that is no host';

function targetOf(host: DanmuHost, transport: Target['transport']): Target[] {
  const port = { wss: host.wss_port, ws: host.ws_port, tcp: host.port }[transport];
  if (port === undefined || port < 1 || port > 65_535) return [];
  return [{ transport, host: host.host, port, path: CHAT_PATH }];
}

function urlTarget(socketUrl: string): Target {
  const url = new URL(socketUrl);
  const transport = url.protocol === 'ws:' ? 'ws' : 'wss';
  const port = url.port === '' ? (transport === 'ws' ? 80 : 443) : Number(url.port);
  return { transport, host: url.hostname, port, path: url.pathname === '/' ? CHAT_PATH : url.pathname };
}
