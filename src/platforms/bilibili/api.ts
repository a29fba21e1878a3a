import type { z } from 'zod';
import { BarrageError } from '../../model/errors.js';
import type { RequestBudget } from '../budget.js';
import type { Clock } from '../clock.js';
import type { BilibiliClient, Call } from './api-client.js';
import type { Identity, VisitorIdentity } from './api-identity.js';
import { DanmuInfoData, InfoByRoomData, RoomInitData } from './api-wire.js';
import type { BilibiliConfig } from './config.js';
import { signedQuery } from './wbi.js';

/** Risk control refuses signed requests together: its distrust is of the visitor, not of one interface. */
const SIGNED = 'signed';

type SignedCall<Data extends z.ZodType> = Omit<Call<Data>, 'url' | 'cookie' | 'scope'> & {
  path: string;
  params: Readonly<Record<string, string>>;
};

/** What the interfaces tell of one room. */
export class BilibiliApi {
  constructor(
    private readonly config: BilibiliConfig,
    private readonly client: BilibiliClient,
    private readonly identity: VisitorIdentity,
    private readonly budget: RequestBudget,
    private readonly clock: Clock,
  ) {}

  /** The canonical id, and whether the room may be entered at all; unsigned. */
  roomInit(roomId: string, signal: AbortSignal): Promise<z.output<typeof RoomInitData>> {
    const url = new URL('/room/v1/Room/room_init', this.config.liveApiUrl);
    url.searchParams.set('id', roomId);
    return this.client.call({ url, data: RoomInitData, subject: `Room ${roomId}`, aboutRoom: true }, signal);
  }

  /** The only interface that names the owner together with all the rest. */
  async infoByRoom(roomId: string, signal: AbortSignal): Promise<z.output<typeof InfoByRoomData>> {
    const { data } = await this.#signed(
      {
        path: '/xlive/web-room/v1/index/getInfoByRoom',
        params: { room_id: roomId },
        data: InfoByRoomData,
        subject: `Room ${roomId}`,
        aboutRoom: true,
      },
      signal,
    );
    return data;
  }

  /** The token and the hosts, with the identity that they were given to. */
  danmuInfo(
    roomId: string,
    signal: AbortSignal,
  ): Promise<{ data: z.output<typeof DanmuInfoData>; identity: Identity }> {
    return this.#signed(
      {
        path: '/xlive/web-room/v1/index/getDanmuInfo',
        params: { id: roomId, type: '0' },
        data: DanmuInfoData,
        subject: `Room ${roomId}`,
      },
      signal,
    );
  }

  /** Tries once more with new keys and a new visitor id where risk control refuses the first; a second refusal stops all signed requests for a while. */
  async #signed<Data extends z.ZodType>(
    call: SignedCall<Data>,
    signal: AbortSignal,
  ): Promise<{ data: z.output<Data>; identity: Identity }> {
    const first = await this.identity.get(signal);
    try {
      return { data: await this.#signedBy(first, call, signal), identity: first };
    } catch (err) {
      if (!isRefusal(err)) throw err;
      this.identity.drop(first);
    }
    const second = await this.identity.get(signal);
    try {
      return { data: await this.#signedBy(second, call, signal), identity: second };
    } catch (err) {
      if (isRefusal(err)) {
        const { host } = new URL(this.config.liveApiUrl);
        this.budget.block(host, this.config.riskControlWaitMs, 'RISK_CONTROL', SIGNED);
      }
      throw err;
    }
  }

  #signedBy<Data extends z.ZodType>(
    { keys, cookie }: Identity,
    { path, params, ...call }: SignedCall<Data>,
    signal: AbortSignal,
  ): Promise<z.output<Data>> {
    const url = new URL(path, this.config.liveApiUrl);
    url.search = signedQuery(params, keys.mixin, Math.floor(this.clock.now() / 1000));
    return this.client.call({ ...call, url, cookie: cookie.reveal(), scope: SIGNED }, signal);
  }
}

/** An answer of risk control, and not our own rest after one: that has no code of the platform's. */
const isRefusal = (err: unknown): boolean =>
  err instanceof BarrageError && err.code === 'RISK_CONTROL' && err.facts['code'] !== undefined;
