import { Frame } from './frame.js';
import type { Ledger } from './ledger.js';
import { changeOf } from './messages/site.js';
import { MESSAGE_TYPES, typeCode, weightedCode } from './messages/types.js';
import type { SimulatorOptions } from './options.js';
import { between, drawFrom, mixSeed, poisson, type Draw } from './random.js';
import type { SimulatedRoom } from './rooms.js';

const TICK_MS = 20;
const SLOTS = 256;
const MAX_CATCH_UP_MS = 5_000;
/** What is left of a turn after so long waits for the next: sockets are written, read and answered between turns only. */
const MAX_TURN_MS = 100;
const MAX_MESSAGES_A_FRAME = 6;
const SITE_WIDE_EVERY_MS = 30_000;

const CODE = {
  chat: typeCode('DANMU_MSG'),
  guard: typeCode('GUARD_BUY'),
  toast: typeCode('USER_TOAST_MSG', true),
  toastV2: typeCode('USER_TOAST_MSG_V2', true),
  superChat: typeCode('SUPER_CHAT_MESSAGE'),
  superChatCopy: typeCode('SUPER_CHAT_MESSAGE_JPN', true),
  superChatDelete: typeCode('SUPER_CHAT_MESSAGE_DELETE'),
  change: typeCode('ROOM_CHANGE'),
  stopList: typeCode('STOP_LIVE_ROOM_LIST'),
  notice: typeCode('NOTICE_MSG'),
};

/** What the traffic is for: rooms with somebody in them. */
export interface Audience {
  isListening(room: SimulatedRoom): boolean;
  deliver(room: SimulatedRoom, frame: Frame): void;
}

/** Makes every room's messages in their time: in bursts about every 1.3 s, or evenly. */
export class Traffic {
  rate: number;
  readonly #wheel: SimulatedRoom[][] = Array.from({ length: SLOTS }, () => []);
  readonly #last: Float64Array;
  readonly #draw: Draw;
  #tick = 0;
  #startedAt = 0;
  #liveShare = 1;
  #nextSiteWideAt = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly options: SimulatorOptions,
    private readonly rooms: readonly SimulatedRoom[],
    private readonly ledger: Ledger,
    private readonly audience: Audience,
  ) {
    this.rate = options.rate;
    this.#draw = drawFrom(mixSeed(options.seed, 0x7a4f));
    this.#last = new Float64Array(rooms.length);
    for (const room of rooms) if (room.bar === undefined) this.#wheel[between(this.#draw, 0, 65)]?.push(room);
  }

  start(): void {
    if (this.#timer) return;
    this.countLive();
    const now = Date.now();
    this.#startedAt = now - this.#tick * TICK_MS;
    this.#last.fill(now);
    this.#nextSiteWideAt = now + SITE_WIDE_EVERY_MS / 3;
    this.#timer = setInterval(() => this.#turn(), TICK_MS);
  }

  /** No further message is made; connections and heartbeats go on. */
  stop(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  get isRunning(): boolean {
    return this.#timer !== undefined;
  }

  /** After a room went live or offline: the rate is shared by those that are live. */
  countLive(): void {
    const share = this.rooms.reduce((sum, { face, liveStatus }) => sum + (liveStatus === 1 ? face.share : 0), 0);
    this.#liveShare = share || 1;
  }

  /** Messages of one kind, now, as one frame. */
  emit(room: SimulatedRoom, codes: readonly { code: number; primary?: number }[], at = Date.now()): number {
    const first = this.ledger.lastN + 1;
    for (const { code, primary } of codes) this.ledger.add(code, room.face, at, primary);
    const siteWide = codes.length === 1 && (MESSAGE_TYPES[codes[0]?.code ?? -1]?.siteWide ?? false);
    this.audience.deliver(room, new Frame(first, codes.length, siteWide, false, this.ledger));
    return first;
  }

  #turn(): void {
    const now = Date.now();
    const due = Math.floor((now - this.#startedAt) / TICK_MS);
    // After a stall of the process the wheel is not wound forward for every tick missed: each room catches up in one burst.
    if (due - this.#tick > SLOTS) this.#startedAt += (due - this.#tick - SLOTS) * TICK_MS;
    const upTo = Math.min(due, this.#tick + SLOTS);
    while (this.#tick < upTo && Date.now() - now < MAX_TURN_MS) {
      const room = this.#wheel[this.#tick % SLOTS]?.shift();
      if (room) this.#burst(room, now);
      else this.#tick += 1;
    }
    if (now >= this.#nextSiteWideAt) this.#siteWide(now);
  }

  #burst(room: SimulatedRoom, now: number): void {
    const last = this.#last[room.face.index] ?? now;
    this.#last[room.face.index] = now;
    const perMs = (this.rate * room.face.share * room.boost) / this.#liveShare / 1000;
    this.#wheel[(this.#tick + this.#pauseTicks(perMs)) % SLOTS]?.push(room);
    if (room.liveStatus !== 1) return;
    const spanMs = Math.min(now - last, MAX_CATCH_UP_MS);
    const count = poisson(this.#draw, perMs * spanMs);
    if (count > 0) this.#make(room, count, now, spanMs);
  }

  #pauseTicks(perMs: number): number {
    const pauseMs =
      this.options.cadence === 'bursts'
        ? between(this.#draw, 1_180, 1_420)
        : Math.min(1_300, Math.max(TICK_MS, 1 / Math.max(perMs, 1e-6))) * (0.8 + 0.4 * this.#draw());
    return Math.max(1, Math.min(SLOTS - 1, Math.round(pauseMs / TICK_MS)));
  }

  /** Chat apart from the rest, several messages a frame, several frames a burst. */
  #make(room: SimulatedRoom, count: number, now: number, spanMs: number): void {
    const codes = Array.from({ length: count }, () => weightedCode(this.#draw()));
    const chats = codes.filter((code) => code === CODE.chat);
    if (!this.audience.isListening(room)) {
      // Nobody listens: only what the interface for recent chats tells is made.
      return this.#frames(room, chats.slice(-10), now, spanMs);
    }
    this.#frames(room, chats, now, spanMs);
    this.#frames(
      room,
      codes.filter((code) => code !== CODE.chat),
      now,
      spanMs,
    );
  }

  #frames(room: SimulatedRoom, codes: readonly number[], now: number, spanMs: number): void {
    let done = 0;
    while (done < codes.length) {
      const first = this.ledger.lastN + 1;
      const size = between(this.#draw, 1, MAX_MESSAGES_A_FRAME);
      for (const code of codes.slice(done, done + size))
        this.#add(room, code, Math.floor(now - spanMs * (1 - ++done / codes.length)));
      const frame = new Frame(
        first,
        this.ledger.lastN + 1 - first,
        false,
        this.#draw() < this.options.nestedShare,
        this.ledger,
      );
      this.audience.deliver(room, frame);
    }
  }

  /** A message, and what follows it at once: what is told twice, and what a moderator takes back. */
  #add(room: SimulatedRoom, code: number, at: number): void {
    const { ledger } = this;
    const n = ledger.add(code, room.face, at);
    if (code === CODE.chat) remember(room.recentChats, n, 10);
    else if (code === CODE.guard) {
      const which = this.#draw();
      if (which < 0.7) ledger.add(CODE.toast, room.face, at, n);
      if (which > 0.5) ledger.add(CODE.toastV2, room.face, at, n);
    } else if (code === CODE.superChat) {
      remember(room.recentSuperChats, n, 20);
      if (this.#draw() < 0.4) ledger.add(CODE.superChatCopy, room.face, at, n);
      if (this.#draw() < 0.1) ledger.add(CODE.superChatDelete, room.face, at, n);
    } else if (code === CODE.change) {
      const { title, parent, area } = changeOf(ledger.cast(n));
      room.title = title;
      room.area = { id: area.id, name: area.name, parentId: parent.id, parentName: parent.name };
    }
  }

  #siteWide(now: number): void {
    this.#nextSiteWideAt = now + SITE_WIDE_EVERY_MS;
    for (const room of this.rooms) {
      if (!this.audience.isListening(room)) continue;
      this.emit(room, [{ code: CODE.stopList }], now);
      this.emit(room, [{ code: CODE.notice }], now);
    }
  }
}

function remember(list: number[], n: number, most: number): void {
  list.push(n);
  if (list.length > most) list.shift();
}
