import { z } from 'zod';
import type { Frame } from './frame.js';
import type { Delivered, Ledger, LedgerConnection } from './ledger.js';
import type { Line } from './line.js';
import type { SimulatorOptions } from './options.js';
import { heartbeatReply, jsonPacket, OPERATION, PacketReader, type ClientPacket } from './packets.js';

const AuthBody = z.looseObject({
  roomid: z.coerce.number().int(),
  uid: z.coerce.number().default(0),
  key: z.string().default(''),
  protover: z.coerce.number().default(0),
});
export type AuthBody = z.output<typeof AuthBody>;

/** What a connection asks of the server around it. */
export interface ConnectionHost {
  readonly options: SimulatorOptions;
  readonly ledger: Ledger;
  /** Whether this authentication is to be accepted. */
  accepts(auth: AuthBody): boolean;
  joined(connection: SocketConnection): void;
  /** The first heartbeat was answered. */
  settled(connection: SocketConnection): void;
  left(connection: SocketConnection): void;
}

interface Piece {
  bytes: Buffer;
  last: boolean;
  sent?: () => void;
}

const SLOW_PIECE_MS = 30;
const PIECES_A_FRAME = 6;
const NOT_LOGGED_IN = -101;
const REFUSED_LINGER_MS = 1_000;

/** One client's connection, from its first byte to its end. */
export class SocketConnection {
  readonly record: LedgerConnection;
  lastHeartbeatAt: number;
  isReady = false;
  isHalfOpen = false;
  isAnonymous = true;
  /** Sends the next frame only up to its middle. */
  cutNextFrame = false;
  repeatNextFrame = false;
  readonly #reader = new PacketReader();
  #slowQueue: Piece[] | undefined;
  #timers = new Set<NodeJS.Timeout>();
  #ended = false;

  constructor(
    private readonly host: ConnectionHost,
    private readonly line: Line,
    endpoint: string,
  ) {
    const openedAt = Date.now();
    this.lastHeartbeatAt = openedAt;
    const { transport, remoteAddress } = line;
    const counts = { heartbeats: 0, acknowledgements: 0, messages: 0 };
    const number = host.ledger.connections.length;
    this.record = { number, roomId: 0, remoteAddress, transport, endpoint, protover: 0, openedAt, ...counts };
    host.ledger.connections.push(this.record);
    this.after(host.options.authDeadlineMs, () => {
      if (!this.isReady) this.close('server', 'no authentication in time');
    });
  }

  get roomId(): number {
    return this.record.roomId;
  }

  received(bytes: Buffer): void {
    if (this.isHalfOpen || this.#ended) return;
    try {
      for (const packet of this.#reader.read(bytes)) this.#handle(packet);
    } catch {
      this.close('server', 'what it sent is not a packet');
    }
  }

  deliver(frame: Frame): void {
    if (!this.isReady || this.#ended) return;
    if (this.isHalfOpen) return this.#note(frame, 'unknown');
    const bytes = frame.bytes(this.record.protover);
    if (this.cutNextFrame && this.line.transport === 'ws' && !this.#slowQueue) {
      this.cutNextFrame = false;
      this.#note(frame, 'cut');
      return this.line.send(bytes.subarray(0, Math.ceil(bytes.length * 0.6)));
    }
    this.#out(bytes, () => this.#note(frame, 'yes'));
    if (this.repeatNextFrame) {
      this.repeatNextFrame = false;
      this.#out(bytes, () => this.#note(frame, 'repeat'));
    }
    if (this.line.bufferedBytes() > this.host.options.maxBufferedBytes) this.cut('server', 'reads too slowly');
  }

  /** Bytes that are no frame of the room's: hostile ones, a replayed capture's. */
  sendRaw(bytes: Buffer, sent: () => void): void {
    if (this.isReady && !this.#ended && !this.isHalfOpen) this.#out(bytes, sent);
  }

  /** Everything from now on goes out in small pieces, late, until the time is over. */
  slowDown(forMs: number): void {
    if (this.#slowQueue || this.isHalfOpen || this.#ended) return;
    this.#slowQueue = [];
    const pump = setInterval(() => {
      const piece = this.#slowQueue?.shift();
      if (piece) this.#sendPiece(piece);
    }, SLOW_PIECE_MS);
    this.#timers.add(pump);
    this.after(forMs, () => {
      clearInterval(pump);
      const rest = this.#slowQueue ?? [];
      this.#slowQueue = undefined;
      for (const piece of rest) this.#sendPiece(piece);
    });
  }

  /** Keeps the socket and says nothing any more, nor hears anything. */
  freeze(): void {
    if (this.#ended) return;
    this.isHalfOpen = true;
    this.record.frozenAt = Date.now();
    this.#slowQueue = undefined;
    this.line.freeze();
  }

  /** Cuts the socket in the middle of this frame. */
  sever(frame: Frame): void {
    if (this.#ended || this.isHalfOpen) return;
    this.#note(frame, 'cut');
    this.#end('fault', 'cut in the middle of a frame');
    this.line.sever(frame.bytes(this.record.protover));
  }

  close(by: 'server' | 'fault', why: string, code = 1000): void {
    if (this.#ended) return;
    this.#end(by, why);
    this.line.close(code, '');
    // A peer that does not answer the close frame is not waited for.
    setTimeout(() => this.line.cut(), 2_000).unref();
  }

  cut(by: 'server' | 'fault', why: string): void {
    if (!this.#ended) this.#end(by, why);
    this.line.cut();
  }

  /** The transport says that the socket is gone. */
  gone(why: string): void {
    if (!this.#ended) this.#end('client', why);
  }

  after(ms: number, action: () => void): void {
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      if (!this.#ended) action();
    }, ms);
    this.#timers.add(timer);
  }

  #handle({ operation, body }: ClientPacket): void {
    if (operation === OPERATION.auth && !this.isReady) return this.#authenticate(body);
    if (!this.isReady) return this.close('server', 'the first packet was no authentication');
    if (operation === OPERATION.acknowledge) this.record.acknowledgements++;
    if (operation === OPERATION.heartbeat) this.#answerHeartbeat(body);
  }

  #authenticate(body: Buffer): void {
    const auth = AuthBody.parse(JSON.parse(body.toString('utf8')));
    const { replyVersion } = this.host.options;
    this.record.roomId = auth.roomid;
    this.record.protover = auth.protover;
    if (!this.host.accepts(auth)) {
      this.#out(jsonPacket(OPERATION.authReply, replyVersion, { code: NOT_LOGGED_IN }, 1));
      return this.after(REFUSED_LINGER_MS, () => this.close('server', 'the token was refused'));
    }
    this.isReady = true;
    this.isAnonymous = auth.uid === 0;
    this.record.authenticatedAt = this.lastHeartbeatAt = Date.now();
    this.#out(jsonPacket(OPERATION.authReply, replyVersion, { code: 0 }, 1));
    this.host.joined(this);
  }

  #answerHeartbeat(echo: Buffer): void {
    this.lastHeartbeatAt = Date.now();
    if (this.record.heartbeats++ === 0) this.host.settled(this);
    // 1 is what every room answered in 2026-09: no figure of the audience any more.
    this.#out(heartbeatReply(1, Buffer.from(echo), this.host.options.replyVersion));
  }

  #out(bytes: Buffer, sent?: () => void): void {
    if (!this.#slowQueue) {
      sent?.();
      return this.line.send(bytes);
    }
    const size = Math.ceil(bytes.length / PIECES_A_FRAME);
    for (let at = 0; at < bytes.length; at += size) {
      const last = at + size >= bytes.length;
      this.#slowQueue.push({ bytes: bytes.subarray(at, at + size), last, ...(last && sent ? { sent } : {}) });
    }
  }

  #sendPiece({ bytes, last, sent }: Piece): void {
    if (this.#ended) return;
    sent?.();
    this.line.sendPiece(bytes, last);
  }

  #note({ firstN, count }: Frame, delivered: Delivered): void {
    this.host.ledger.deliver(firstN, count, this.record, Date.now(), delivered);
  }

  #end(by: 'client' | 'server' | 'fault', why: string): void {
    this.#ended = true;
    this.isReady = false;
    for (const timer of this.#timers) clearTimeout(timer);
    this.#timers.clear();
    Object.assign(this.record, { closedAt: Date.now(), closedBy: by, why });
    this.host.left(this);
  }
}
