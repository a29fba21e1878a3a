import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import * as answers from './api-answers.js';
import type { Ledger } from './ledger.js';
import type { RequestGate } from './request-gate.js';
import { popularityOf, type SimulatedRoom } from './rooms.js';
import type { Tokens } from './tokens.js';
import { wbiFault, type WbiKeys } from './wbi-check.js';

/** What the interfaces tell about. */
export interface ApiWorld {
  readonly rooms: readonly SimulatedRoom[];
  readonly ledger: Ledger;
  readonly tokens: Tokens;
  readonly gate: RequestGate;
  keys: WbiKeys;
  /** How many signed requests from now on are answered -352, whatever they are. */
  distrusted: number;
  hostList(): { host: string; port: number; wss_port: number; ws_port: number }[];
}

interface Question {
  query: URLSearchParams;
  cookies: ReadonlyMap<string, string>;
}

/** A body, with what differs from 200 and an envelope of `{code: 0, message, data}`. */
interface Answer {
  code?: number;
  message?: string;
  data?: unknown;
  /** Older interfaces say `msg` as well. */
  old?: boolean;
  headers?: Record<string, string>;
  html?: string;
}

const NOT_FOUND = { code: 19_002_003, message: '房间信息不存在' };
const NO_ROOM_INFO = { code: 19_002_000, message: '获取初始化数据失败', data: null };
const MAX_PAGE_SIZE = 100;
const MAX_UIDS = 1_000;

/** The HTTP side of the platform: all its hosts in one, told apart by the path alone. */
export class HttpApi {
  /** How often each path was asked for, and how often each code was answered (`path code`). */
  readonly requests = new Map<string, number>();
  readonly answered = new Map<string, number>();
  readonly #byId = new Map<number, SimulatedRoom>();
  readonly #byUid = new Map<number, SimulatedRoom>();
  readonly #paths: ReadonlyMap<string, (question: Question) => Answer>;

  constructor(private readonly world: ApiWorld) {
    for (const room of world.rooms) {
      this.#byId.set(room.face.roomId, room);
      if (room.face.shortId !== 0) this.#byId.set(room.face.shortId, room);
      this.#byUid.set(room.face.uid, room);
    }
    this.#paths = this.#routes();
  }

  handle(request: IncomingMessage, response: ServerResponse): void {
    const url = new URL(request.url ?? '/', 'http://simulator');
    count(this.requests, url.pathname);
    const refusal = this.world.gate.refusal(request.socket.remoteAddress ?? '');
    if (refusal) {
      if (refusal.retryAfterSeconds) response.setHeader('retry-after', refusal.retryAfterSeconds);
      return this.#send(url, response, refusal.status, { code: refusal.code, message: refusal.message });
    }
    const route = this.#paths.get(url.pathname) ?? this.#page(url.pathname);
    if (!route) return this.#send(url, response, 404, { code: -404, message: '啥都木有' });
    this.#send(url, response, 200, route({ query: url.searchParams, cookies: cookiesOf(request) }));
  }

  #send(url: URL, response: ServerResponse, status: number, answer: Answer): void {
    const { code = 0, message = code === 0 ? 'OK' : String(code), data, old, headers = {}, html } = answer;
    count(this.answered, `${url.pathname} ${code}`);
    const envelope = {
      code,
      ...(old ? { msg: message } : {}),
      message,
      ...(old ? {} : { ttl: 1 }),
      ...('data' in answer ? { data } : {}),
    };
    const body = html ?? JSON.stringify(envelope);
    response.writeHead(status, {
      'content-type': html === undefined ? 'application/json; charset=utf-8' : 'text/html; charset=utf-8',
      ...headers,
    });
    response.end(body);
  }

  #routes(): ReadonlyMap<string, (question: Question) => Answer> {
    const success = { old: true, message: 'success' };
    return new Map<string, (question: Question) => Answer>([
      ['/x/web-interface/nav', () => ({ code: -101, message: '账号未登录', data: answers.nav(this.world.keys) })],
      ['/x/frontend/finger/spi', () => ({ message: 'ok', data: { b_3: buvid(), b_4: buvid() } })],
      ['/room/v1/Room/get_info', ({ query }) => this.#ofRoom(query, answers.roomGetInfo)],
      ['/room/v1/Room/room_init', ({ query }) => this.#ofRoom(query, answers.roomInit)],
      ['/room/v1/Room/mobileRoomInit', ({ query }) => this.#ofRoom(query, answers.roomInit)],
      ['/xlive/web-room/v1/index/getInfoByRoom', (question) => this.#infoByRoom(question)],
      ['/xlive/web-room/v1/index/getDanmuInfo', (question) => this.#danmuInfo(question)],
      ['/room/v3/area/getRoomList', ({ query }) => ({ ...success, data: this.#page30(query) })],
      [
        '/room/v1/area/getRoomList',
        ({ query }) => ({ ...success, data: this.#pageOf(query, 'page_size').map(answers.listed) }),
      ],
      [
        '/room/v1/Area/getListByAreaID',
        ({ query }) => ({ ...success, data: this.#pageOf(query, 'pageSize').map(answers.listedByArea) }),
      ],
      [
        '/room/v1/Area/getList',
        ({ query }) => ({ ...success, data: answers.areas(query.get('need_entrance') === '1') }),
      ],
      ['/room/v1/Room/get_status_info_by_uids', ({ query }) => this.#statusByUids(query)],
      ['/av/v1/SuperChat/getMessageList', ({ query }) => this.#superChats(query)],
      ['/xlive/web-room/v1/giftPanel/giftConfig', () => ({ data: answers.giftConfig() })],
      ['/xlive/web-room/v1/dM/gethistory', ({ query }) => this.#history(query)],
    ]);
  }

  /** Any other page of the site, for a browser: what counts is the cookie. */
  #page(path: string): ((question: Question) => Answer) | undefined {
    if (path !== '/' && !/^\/\d+$/.test(path)) return undefined;
    const cookie = `buvid3=${buvid()}; path=/; expires=Wed, 01 Jan 2031 00:00:00 GMT; domain=.bilibili.com`;
    return () => ({ html: '<!doctype html><title>哔哩哔哩</title>', headers: { 'set-cookie': cookie } });
  }

  #room(query: URLSearchParams): SimulatedRoom | undefined {
    return this.#byId.get(Number(query.get('room_id') ?? query.get('id') ?? query.get('roomid')));
  }

  #ofRoom(query: URLSearchParams, of: (room: SimulatedRoom) => unknown): Answer {
    const room = this.#room(query);
    return room
      ? { old: true, message: 'ok', data: of(room) }
      : { old: true, code: 60_004, message: '直播间不存在', data: {} };
  }

  /** Why a signed request is refused; undefined = it is not. */
  #distrust({ query, cookies }: Question, wantsBuvid: boolean): Answer | undefined {
    const refused = { code: -352, message: '-352', headers: { 'x-bili-gaia-vvoucher': `voucher_${randomUUID()}` } };
    if (this.world.distrusted > 0) {
      this.world.distrusted--;
      return refused;
    }
    const unsigned = wbiFault(query, this.world.keys, Date.now());
    return unsigned !== undefined || (wantsBuvid && !cookies.get('buvid3')) ? refused : undefined;
  }

  #infoByRoom(question: Question): Answer {
    const distrust = this.#distrust(question, false);
    if (distrust) return distrust;
    const room = this.#room(question.query);
    if (room?.bar === 'encrypted') return { code: 19_002_005, message: '直播间已加密', data: null };
    return room ? { data: answers.infoByRoom(room, this.world.ledger) } : NO_ROOM_INFO;
  }

  #danmuInfo(question: Question): Answer {
    const distrust = this.#distrust(question, true);
    if (distrust) return distrust;
    const room = this.#room(question.query);
    if (!room || room.bar === 'locked') return { ...NOT_FOUND, data: null };
    return { data: answers.danmuInfo(this.world.tokens.issue(room.face.roomId), this.world.hostList()) };
  }

  #live(query: URLSearchParams, areaName: string): SimulatedRoom[] {
    const parent = Number(query.get('parent_area_id') ?? 0);
    const area = Number(query.get(areaName) ?? 0);
    return this.world.rooms
      .filter(
        (room) =>
          room.liveStatus === 1 &&
          (parent === 0 || room.area.parentId === parent) &&
          (area === 0 || room.area.id === area),
      )
      .sort((left, right) => popularityOf(right) - popularityOf(left) || left.face.index - right.face.index);
  }

  #pageOf(query: URLSearchParams, sizeName: 'page_size' | 'pageSize'): SimulatedRoom[] {
    const size = Math.min(MAX_PAGE_SIZE, Math.max(1, Number(query.get(sizeName)) || 30));
    const page = Math.max(1, Number(query.get('page')) || 1);
    return this.#live(query, sizeName === 'pageSize' ? 'areaId' : 'area_id').slice((page - 1) * size, page * size);
  }

  #page30(query: URLSearchParams) {
    return {
      banner: [],
      new_tags: [],
      list: this.#pageOf(query, 'page_size').map(answers.listed),
      count: this.#live(query, 'area_id').length,
    };
  }

  #statusByUids(query: URLSearchParams): Answer {
    const uids = [...query.getAll('uids[]'), ...query.getAll('uids')].slice(0, MAX_UIDS);
    const found = uids.flatMap((uid) => this.#byUid.get(Number(uid)) ?? []);
    const data = Object.fromEntries(found.map((room) => [String(room.face.uid), answers.statusByUid(room)]));
    // A map without entries comes as an empty list.
    return { old: true, message: 'success', data: found.length > 0 ? data : [] };
  }

  #superChats(query: URLSearchParams): Answer {
    const room = this.#room(query);
    const list = room ? answers.superChats(room, this.world.ledger) : [];
    return { old: true, message: '', data: { list: list.length > 0 ? list : null } };
  }

  #history(query: URLSearchParams): Answer {
    const room = this.#room(query);
    return { message: '', data: room ? answers.chatHistory(room, this.world.ledger) : { admin: [], room: [] } };
  }
}

const count = (counts: Map<string, number>, name: string): void => void counts.set(name, (counts.get(name) ?? 0) + 1);
const buvid = (): string => `${randomUUID().toUpperCase()}${String(Date.now() % 100_000).padStart(5, '0')}infoc`;

const cookiesOf = (request: IncomingMessage): Map<string, string> =>
  new Map(
    (request.headers.cookie ?? '').split(';').flatMap((part): [string, string][] => {
      const at = part.indexOf('=');
      return at < 0 ? [] : [[part.slice(0, at).trim(), part.slice(at + 1).trim()]];
    }),
  );
