import { abortable } from '../model/abortable.js';
import { BarrageError } from '../model/errors.js';
import type { Clock } from './clock.js';
import { Coverage } from './coverage.js';
import { DeadlineError, withDeadline } from './deadline.js';
import { codeOf } from '../model/error-code.js';
import { FrameQueue, type QueueLimits } from './frame-queue.js';
import type { Closed, Connection, Frame } from './platform.js';
import {
  dialWebSocket,
  endpointOf,
  GOODBYE_MS,
  type DialOptions,
  type Socket,
  type SocketEnd,
  type SocketHandlers,
  type Target,
} from './socket.js';
import { dialTcp, type Splitter } from './tcp-socket.js';

/**
 * One connection to one room, for every platform: dialling, authentication, heartbeat, silence, back-pressure, the end.
 * It never looks into a message; a {@link Protocol} does. Messages wait as they came and are decoded when they are asked for, so that what
 * waits is bounded by the bytes that came over the network, not by what they inflate to.
 */

/** What a message means to the connection itself, beside what goes on as a {@link Frame}. */
export interface Decoded extends Omit<Frame, 'index' | 'receivedAt' | 'coveredUntil' | 'decodeMs'> {
  authentication?: { accepted: boolean; code?: number };
}

/** A platform's side of a connection. Holds no timer and no socket. */
export interface Protocol {
  /** The first message. It holds a token. */
  authentication(): Uint8Array;
  heartbeat(): Uint8Array;
  /** Asked of each message as it comes, so a look at its header must do. */
  answersHeartbeat(message: Uint8Array): boolean;
  /** Never throws. */
  decode(message: Uint8Array): Decoded;
  /** Needed where messages come over TCP. */
  splitter(): Splitter;
}

export interface ConnectionOptions {
  /** Whom an error is about: `Room 123`. */
  subject: string;
  target: Target;
  protocol: Protocol;
  headers: Readonly<Record<string, string>>;
  connectTimeoutMs: number;
  /** From sending the authentication to its answer. */
  authTimeoutMs: number;
  heartbeatMs: number;
  /** Silence that ends the connection; heartbeats are answered, so a quiet room is not silent. */
  readDeadlineMs: number;
  maxMessageBytes: number;
  queue: QueueLimits;
  clock: Clock;
}

/** A message as it came. */
interface Waiting {
  index: number;
  receivedAt: number;
  coveredUntil: number;
  bytes: Uint8Array;
}

type Answer = NonNullable<Decoded['authentication']>;

/** While it says goodbye a connection is read without pauses, but not without end. */
const MAX_CLOSING_LOAD = 4;

/**
 * Resolves once the platform accepted the authentication. Throws `CONNECT_FAILED` (its fact `stage` says whether before or after the
 * authentication was sent), `AUTH_REFUSED`, `AUTH_TIMEOUT`; an abort by the caller is thrown as it is. Afterwards `signal` has no effect.
 */
export async function openConnection(options: ConnectionOptions, signal: AbortSignal): Promise<Connection> {
  const line = new Line(options);
  await line.dial(signal);
  try {
    await line.authenticate(signal);
  } catch (err) {
    line.abandon();
    throw err;
  }
  return line;
}

class Line implements Connection {
  readonly endpoint: string;
  connectedAt = 0;
  readonly closed: Promise<Closed>;
  readonly #queue: FrameQueue<Waiting>;
  #settle: (closed: Closed) => void = () => {};
  readonly #answer: Promise<Answer | SocketEnd>;
  #answered: (answer: Answer | SocketEnd) => void = () => {};
  #socket: Socket | undefined;
  #index = 0;
  readonly #coverage: Coverage;
  #lastHeardMs = 0;
  #awaitingAnswer = true;
  #ended = false;
  #closing = false;
  #silent = false;
  #read = false;
  #timers: NodeJS.Timeout[] = [];

  constructor(private readonly options: ConnectionOptions) {
    this.endpoint = endpointOf(options.target);
    this.#coverage = new Coverage(options.clock);
    this.closed = new Promise((resolve) => (this.#settle = resolve));
    this.#answer = new Promise((resolve) => (this.#answered = resolve));
    this.#queue = new FrameQueue(options.queue, {
      pause: () => {
        if (this.#closing) return;
        this.#coverage.paused();
        this.#socket?.pause();
      },
      resume: () => this.#resume(),
    });
  }

  async dial(signal: AbortSignal): Promise<void> {
    const { target, connectTimeoutMs, headers, maxMessageBytes, protocol } = this.options;
    const handlers: SocketHandlers = {
      message: (bytes) => this.#received(bytes),
      ended: (end) => this.#socketEnded(end),
    };
    const dialOptions: DialOptions = { headers, maxMessageBytes, handshakeTimeoutMs: connectTimeoutMs };
    try {
      this.#socket = await withDeadline(connectTimeoutMs, signal, (inTime) =>
        target.transport === 'tcp'
          ? dialTcp(target, protocol.splitter(), handlers, dialOptions, inTime)
          : dialWebSocket(target, handlers, dialOptions, inTime),
      );
    } catch (err) {
      signal.throwIfAborted();
      throw this.#failure('CONNECT_FAILED', `cannot be reached: ${reasonOf(err)}`, 'dial');
    }
  }

  async authenticate(signal: AbortSignal): Promise<void> {
    const { authTimeoutMs, protocol, clock } = this.options;
    this.#lastHeardMs = clock.monotonicMs();
    this.#socket?.send(protocol.authentication());
    let answer: Answer | SocketEnd;
    try {
      answer = await withDeadline(authTimeoutMs, signal, (inTime) => abortable(this.#answer, inTime));
    } catch (err) {
      if (!(err instanceof DeadlineError)) throw err;
      throw this.#failure('AUTH_TIMEOUT', `did not answer the authentication within ${authTimeoutMs} ms`);
    }
    if ('end' in answer) {
      throw this.#failure('CONNECT_FAILED', `ended before it answered the authentication: ${answer.detail}`);
    }
    if (!answer.accepted) throw this.#failure('AUTH_REFUSED', `refused the token (${answer.code ?? 'no code'})`);
  }

  async *frames(): AsyncGenerator<Frame, void, undefined> {
    if (this.#read) throw new Error('frames() gives the frames out once');
    this.#read = true;
    do {
      for (let one = this.#queue.take(); one !== undefined; one = this.#queue.take()) yield this.#frameOf(one);
    } while (await this.#queue.more());
  }

  async close(): Promise<void> {
    if (!this.#closing && !this.#ended) {
      this.#closing = true;
      this.#coverage.goodbyeSent();
      this.#socket?.resume(); // the answer to a goodbye comes after everything else
      this.#socket?.close();
      this.#timers.push(setTimeout(() => this.#socket?.terminate(), GOODBYE_MS + 300));
    }
    await this.closed;
  }

  /** For a connection that never was one. */
  abandon(): void {
    this.#closing = true;
    this.#socket?.terminate();
  }

  #received(bytes: Uint8Array): void {
    const { clock, protocol } = this.options;
    const receivedAt = this.#coverage.received();
    this.#lastHeardMs = clock.monotonicMs();
    if (protocol.answersHeartbeat(bytes)) this.#coverage.heartbeatAnswered();
    if (this.#awaitingAnswer) {
      // Decoded again when it is asked for: what waits must not be what it inflates to.
      this.#heardAnswer(protocol.decode(bytes).authentication, receivedAt);
    }
    const coveredUntil = this.#coverage.untilLoss();
    this.#queue.push({ index: ++this.#index, receivedAt, coveredUntil, bytes }, bytes.byteLength);
    if (this.#closing && this.#queue.load > MAX_CLOSING_LOAD) this.#socket?.terminate();
  }

  /** Here and not after an `await`, so that the first heartbeat and the read deadline begin with the answer itself. */
  #heardAnswer(answer: Answer | undefined, at: number): void {
    if (!answer) return;
    this.#awaitingAnswer = false;
    if (answer.accepted) {
      this.connectedAt = at;
      this.#keepAlive();
    }
    this.#answered(answer);
  }

  #keepAlive(): void {
    const { heartbeatMs, readDeadlineMs, protocol } = this.options;
    const beat = () => {
      this.#coverage.heartbeatSent();
      this.#socket?.send(protocol.heartbeat());
    };
    beat();
    this.#timers.push(setInterval(beat, heartbeatMs));
    this.#timers.push(setInterval(() => this.#listen(), Math.min(5_000, readDeadlineMs / 4)));
  }

  /** Silence is judged after pending input was read: a process that was itself held up would otherwise blame the platform. */
  #listen(): void {
    if (!this.#overdue()) return;
    setImmediate(() => {
      if (this.#ended || !this.#overdue()) return;
      this.#silent = true;
      this.#socket?.terminate();
    });
  }

  /** A paused socket says nothing because we do not listen. */
  #overdue(): boolean {
    return !this.#queue.paused && this.options.clock.monotonicMs() - this.#lastHeardMs > this.options.readDeadlineMs;
  }

  #resume(): void {
    this.#lastHeardMs = this.options.clock.monotonicMs();
    this.#coverage.resumed();
    this.#socket?.resume();
  }

  #socketEnded(end: SocketEnd): void {
    this.#ended = true;
    for (const timer of this.#timers) clearTimeout(timer); // clears intervals, too
    const closed = this.#closedBy(end);
    this.#answered(end);
    this.#queue.end();
    this.#settle(closed);
  }

  #closedBy({ clean, end, detail }: SocketEnd): Closed {
    const coveredUntil = clean ? this.#coverage.untilGoodbye() : this.#coverage.untilLoss();
    if (this.#closing) {
      return {
        end: 'closed',
        detail: clean ? 'closed by barrage' : 'closed by barrage, without an answer',
        coveredUntil,
      };
    }
    if (this.#silent) {
      return { end: 'silent', detail: `no answer to a heartbeat for ${this.options.readDeadlineMs} ms`, coveredUntil };
    }
    return { end, detail, coveredUntil };
  }

  #frameOf({ index, receivedAt, coveredUntil, bytes }: Waiting): Frame {
    const { protocol, clock } = this.options;
    const startedMs = clock.monotonicMs();
    const decoded = protocol.decode(bytes);
    const decodeMs = clock.monotonicMs() - startedMs;
    const { events, audience, audienceMessages, undecodable, hints } = decoded;
    return {
      index,
      receivedAt,
      coveredUntil,
      bytes: decoded.bytes,
      events,
      audience,
      audienceMessages,
      undecodable,
      hints,
      decodeMs,
    };
  }

  #failure(code: BarrageError['code'], words: string, stage = 'authentication'): BarrageError {
    const { subject } = this.options;
    return new BarrageError(code, `${subject}: ${this.endpoint} ${words}.`, { endpoint: this.endpoint, stage });
  }
}

/** The library's own words hold no more than a status; a system error's may quote an address, its code does not. */
function reasonOf(err: unknown): string {
  if (err instanceof DeadlineError) return err.message;
  if (!(err instanceof Error)) return 'unknown';
  const status = /^Unexpected server response: (\d{3})$/.exec(err.message)?.[1];
  if (status !== undefined) return `it answered HTTP ${status}`;
  return codeOf(err) ?? 'no WebSocket';
}
