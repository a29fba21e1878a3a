import { BarrageError } from '../../model/errors.js';
import { Secret } from '../../model/secret.js';
import type { Clock } from '../clock.js';
import { place } from '../http.js';
import { SingleFlight } from '../single-flight.js';
import type { BilibiliClient } from './api-client.js';
import { NavData, SpiData } from './api-wire.js';
import type { BilibiliConfig } from './config.js';
import type { Cookie } from './cookie.js';
import { mixinKey } from './wbi.js';

/** The site changes its keys about daily; its own page keeps them for as long as it is open. */
const KEYS_TTL_MS = 12 * 3_600_000;

const NOT_LOGGED_IN = -101;

/** What a browser has from its first visit on: the keys that sign queries, and the visitor's id. One for all rooms of a worker. */
export class VisitorIdentity {
  readonly #keys: SingleFlight<{ mixin: string }>;
  readonly #buvid: SingleFlight<Secret>;

  /** `lifetime` ends requests that are under way for everybody. */
  constructor(
    private readonly config: BilibiliConfig,
    private readonly client: BilibiliClient,
    private readonly cookie: Cookie | undefined,
    private readonly lifetime: AbortSignal,
    clock: Clock,
  ) {
    const monotonicMs = () => clock.monotonicMs();
    this.#keys = new SingleFlight(() => this.#fetchKeys(), KEYS_TTL_MS, monotonicMs);
    this.#buvid = new SingleFlight(() => this.#fetchBuvid(), Infinity, monotonicMs);
  }

  /** Costs two requests the first time, none after it. */
  async get(signal: AbortSignal): Promise<Identity> {
    const keys = await this.#keys.get(signal);
    const buvid = this.cookie?.buvid3 ?? (await this.#buvid.get(signal));
    return { keys, buvid, cookie: this.#cookieWith(buvid) };
  }

  /** The site refused this one; the next `get` asks for another, unless somebody already did. */
  drop(identity: Identity): void {
    this.#keys.drop(identity.keys);
    this.#buvid.drop(identity.buvid);
  }

  #cookieWith(buvid: Secret): Secret {
    const own = this.cookie?.header.reveal() ?? '';
    if (this.cookie?.buvid3) return new Secret(own);
    return new Secret(own === '' ? `buvid3=${buvid.reveal()}` : `${own}; buvid3=${buvid.reveal()}`);
  }

  async #fetchKeys(): Promise<{ mixin: string }> {
    const url = new URL('/x/web-interface/nav', this.config.apiUrl);
    const cookie = this.cookie?.header.reveal() ?? '';
    const nav = await this.client.call(
      { url, data: NavData, subject: 'Keys for signing', alsoFine: [NOT_LOGGED_IN], cookie },
      this.lifetime,
    );
    const mixin = mixinKey(nav.wbi_img.img_url, nav.wbi_img.sub_url);
    if (mixin !== undefined) return { mixin };
    throw new BarrageError('PLATFORM_ERROR', `${place(url)} names no keys for signing.`);
  }

  /** The interface first: it is 200 bytes, the front page half a megabyte, and both give an id. */
  async #fetchBuvid(): Promise<Secret> {
    const url = new URL('/x/frontend/finger/spi', this.config.apiUrl);
    try {
      const { b_3 } = await this.client.call({ url, data: SpiData, subject: 'Visitor id' }, this.lifetime);
      if (isCookieValue(b_3)) return new Secret(b_3);
    } catch (err) {
      if (!(err instanceof BarrageError) || err.code !== 'PLATFORM_ERROR') throw err;
    }
    return this.#buvidOfFrontPage();
  }

  async #buvidOfFrontPage(): Promise<Secret> {
    const url = new URL('/', this.config.wwwUrl);
    const { cookies } = await this.client.send({ url }, this.lifetime);
    const buvid = cookies.find((cookie) => cookie.startsWith('buvid3='))?.slice('buvid3='.length);
    if (buvid !== undefined && isCookieValue(buvid)) return new Secret(buvid);
    throw new BarrageError('PLATFORM_ERROR', `${place(url)} gives no visitor id.`);
  }
}

export interface Identity {
  keys: { mixin: string };
  buvid: Secret;
  /** The whole `Cookie` header. */
  cookie: Secret;
}

const isCookieValue = (text: string): boolean => /^[\w.%-]{1,200}$/.test(text);
