import { Buffer } from 'node:buffer';
import type { Frame } from '../platform.js';
import { takeAudience } from './events/audience.js';
import type { Message } from './events/draft.js';
import { cmdOf, decodeMessage, wantedParts } from './events.js';
import { Inflater } from './inflate.js';
import { isTooDeep, parseJson } from './json.js';
import { type CodecLimits, DEFAULT_LIMITS } from './limits.js';
import { framingFault, OPERATION, VERSION } from './packet.js';
import { readInt, readObject } from './wire.js';

/** Everything one socket message carried: what goes on as a {@link Frame}, and what the connection itself has to act on. */
export interface DecodedFrame extends Omit<Frame, 'index' | 'receivedAt' | 'coveredUntil'> {
  /** Present when a heartbeat was answered; the number as it came (1 is no figure, and never in `audience`). */
  heartbeatReply?: { popularity?: number };
  /** Present when the authentication was answered; the last answer of the message. −101: the token is not taken, fetch another. */
  authentication?: { accepted: boolean; code?: number };
  /**
   * Packet boundaries were lost, and the rest of the message with them (it is in `undecodable`). Each WebSocket message begins at a
   * boundary again, so such a connection goes on; a TCP stream has to end.
   */
  framingLost: boolean;
}

export interface DecodeOptions {
  limits?: Readonly<CodecLimits>;
  /** Marks the streamer's own messages with the role `anchor`. */
  ownerId?: string;
}

const MAX_HEAD_BYTES = 6 * 1024;
const NO_FIGURE = 1;

class FrameDecoder {
  readonly #out: DecodedFrame;
  readonly #limits: Readonly<CodecLimits>;
  readonly #ownerId: string | undefined;
  #inflater: Inflater | undefined;
  #packets = 0;
  #untold = { packets: 0, bytes: 0 };

  constructor(bytes: number, { limits = DEFAULT_LIMITS, ownerId }: DecodeOptions) {
    this.#limits = limits;
    this.#ownerId = ownerId;
    this.#out = {
      bytes,
      events: [],
      audience: {},
      audienceMessages: 0,
      undecodable: [],
      hints: 0,
      framingLost: false,
    };
  }

  decode(bytes: Buffer): DecodedFrame {
    if (bytes.length > this.#limits.maxFrameBytes) this.#refuse(bytes, 'a message larger than maxFrameBytes');
    else this.#readPackets(bytes, 0);
    this.#tellUntold();
    return this.#out;
  }

  /** @param nesting how many compressed packets these bytes came out of */
  #readPackets(bytes: Buffer, nesting: number): void {
    let start = 0;
    while (start < bytes.length) {
      this.#packets += 1; // also for what is refused: no two things of a message share a place
      if (this.#packets > this.#limits.maxPackets) {
        this.#refuse(bytes.subarray(start), 'more packets in one message than maxPackets');
        return;
      }
      const fault = framingFault(bytes, start, bytes.length);
      if (fault !== undefined) {
        if (nesting === 0) this.#out.framingLost = true;
        this.#refuse(bytes.subarray(start), fault);
        return;
      }
      const end = start + bytes.readUInt32BE(start);
      this.#readPacket(bytes, start, end, nesting);
      // What a heartbeat's answer echoes is in no length; it is short, and begins like no packet that fits here.
      const mayEcho = bytes.readUInt32BE(start + 8) === OPERATION.heartbeatReply;
      if (mayEcho && framingFault(bytes, end, bytes.length) !== undefined) return;
      start = end;
    }
  }

  #readPacket(bytes: Buffer, start: number, end: number, nesting: number): void {
    const operation = bytes.readUInt32BE(start + 8);
    const body = start + bytes.readUInt16BE(start + 4);
    if (operation === OPERATION.message) {
      const version = bytes.readUInt16BE(start + 6);
      const fault =
        version === VERSION.zlib || version === VERSION.brotli
          ? this.#readCompressed(bytes.subarray(body, end), version, nesting)
          : this.#readMessage(bytes, body, end);
      if (fault !== undefined) this.#refuse(bytes.subarray(start, end), fault);
    } else if (operation === OPERATION.heartbeatReply) {
      this.#readHeartbeatReply(bytes.subarray(body, end));
    } else if (operation === OPERATION.authenticated) {
      const fault = this.#readAuthentication(bytes.subarray(body, end));
      if (fault !== undefined) this.#refuse(bytes.subarray(start, end), fault);
    } else if (end > body) {
      // An authentication that comes back holds the token, which a dead letter would keep.
      const kept = operation === OPERATION.authenticate ? body : end;
      this.#refuse(bytes.subarray(start, kept), `operation ${operation} is none that a server sends`);
    }
  }

  #readCompressed(body: Buffer, version: number, nesting: number): string | undefined {
    if (nesting >= this.#limits.maxNesting) return 'compressed packets nested deeper than maxNesting';
    this.#inflater ??= new Inflater(this.#limits);
    const inflated = this.#inflater.inflate(body, version);
    if ('reason' in inflated) return inflated.reason;
    this.#readPackets(inflated, nesting + 1);
    return undefined;
  }

  #readMessage(bytes: Buffer, start: number, end: number): string | undefined {
    if (start === end) return 'an empty body';
    if (end - start > this.#limits.maxMessageBytes) return 'a message body larger than maxMessageBytes';
    const message = wantedParts(bytes, start, end);
    if (typeof message?.cmd === 'string') return this.#readCommand(message, message.cmd, '');
    return this.#readText(bytes.toString('utf8', start, end));
  }

  #readText(text: string): string | undefined {
    if (isTooDeep(text, this.#limits.maxJsonDepth)) return 'JSON nested deeper than maxJsonDepth';
    const json = parseJson(text);
    if (json === undefined) return 'its body is not JSON';
    const message: Message | undefined = readObject(json.value);
    if (message === undefined) return 'its body is no object';
    if (typeof message.cmd !== 'string' || message.cmd === '') return 'its "cmd" is no text';
    return this.#readCommand(message, message.cmd, text);
  }

  #readCommand(message: Message, fullCmd: string, text: string): string | undefined {
    const cmd = cmdOf(fullCmd);
    if (cmd === 'STOP_LIVE_ROOM_LIST') {
      this.#out.hints += 1;
      return undefined;
    }
    const audience = takeAudience(cmd, message, this.#out.audience);
    if (audience === 'taken') this.#out.audienceMessages += 1;
    if (audience !== 'other') return audience === 'taken' ? undefined : `${cmd}: its number is missing`;
    // One packet may hold a thousand gifts in a few bytes; so the packets alone are no bound.
    if (this.#out.events.length >= this.#limits.maxPackets) return 'more events in one message than maxPackets';
    const decoded = decodeMessage({ message, cmd, text, place: String(this.#packets), ownerId: this.#ownerId });
    if (Array.isArray(decoded)) this.#out.events.push(...decoded);
    else if ('reason' in decoded) return `${cmd}: ${decoded.reason}`;
    else this.#out.events.push(decoded);
    return undefined;
  }

  #readHeartbeatReply(body: Buffer): void {
    const popularity = body.length >= 4 ? body.readUInt32BE(0) : undefined;
    this.#out.heartbeatReply = popularity === undefined ? {} : { popularity };
    if (popularity === undefined || popularity === NO_FIGURE) return;
    this.#out.audience.popularity = popularity;
    this.#out.audienceMessages += 1;
  }

  /** An answer without a body accepts, one without a code refuses, as public clients have it. */
  #readAuthentication(body: Buffer): string | undefined {
    const text = body.toString('utf8', 0, MAX_HEAD_BYTES).replaceAll('\0', ' ').trim();
    const json = text === '' ? { value: { code: 0 } } : parseJson(text);
    if (json === undefined) return 'the answer to the authentication is not JSON';
    const code = readInt(readObject<'code'>(json.value)?.code);
    this.#out.authentication = code === undefined ? { accepted: false } : { accepted: code === 0, code };
    return undefined;
  }

  #refuse(packet: Buffer, reason: string): void {
    if (this.#out.undecodable.length >= this.#limits.maxUndecodable) {
      this.#untold.packets += 1;
      this.#untold.bytes += packet.length;
      return;
    }
    // A copy: a view would keep all bytes around it alive.
    const head = new Uint8Array(packet.subarray(0, MAX_HEAD_BYTES));
    this.#out.undecodable.push({
      place: String(this.#packets),
      reason: reason.toWellFormed(),
      bytes: packet.length,
      head,
    });
  }

  #tellUntold(): void {
    const { packets, bytes } = this.#untold;
    if (packets === 0) return;
    const reason = `${packets} more packets of this message could not be read`;
    this.#out.undecodable.push({ place: 'rest', reason, bytes, head: new Uint8Array(0) });
  }
}

/** Decodes one socket message. Never throws, keeps the order, costs at most what the limits say. */
export function decodeFrame(bytes: Uint8Array, options: DecodeOptions = {}): DecodedFrame {
  const buffer = Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return new FrameDecoder(buffer.length, options).decode(buffer);
}
