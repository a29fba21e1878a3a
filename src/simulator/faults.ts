import type { SocketConnection } from './connection.js';
import { Frame } from './frame.js';
import { HOSTILE_FRAMES, type HostileFrame } from './hostile-frames.js';
import type { ApiWorld } from './http-api.js';
import { messageId } from './messages/identity.js';
import { typeCode } from './messages/types.js';
import { FaultRates, type FaultName, type SimulatorOptions } from './options.js';
import { between, drawFrom, mixSeed, pick, type Draw } from './random.js';
import type { RequestGate } from './request-gate.js';
import type { Simulator } from './simulator.js';
import type { Tokens } from './tokens.js';

const CHAT = typeCode('DANMU_MSG');
const SLOW_MS = 2_500;

/** What faults reach into. */
export interface FaultTargets {
  simulator: Simulator;
  world: ApiWorld;
  tokens: Tokens;
  gate: RequestGate;
}

/** Everything that goes wrong: by itself at the rates of the options, or when a test says so. */
export class Faults {
  /** How often each happened. */
  readonly counts: Record<FaultName, number>;
  readonly #draw: Draw;
  readonly #timers = new Set<NodeJS.Timeout>();
  readonly #rates: FaultRates;
  #rejections = 0;
  #nextHostile = 0;

  constructor(
    options: SimulatorOptions,
    private readonly targets: FaultTargets,
  ) {
    this.#draw = drawFrom(mixSeed(options.seed, 0xfa17));
    this.#rates = FaultRates.parse(options.faults);
    const none = { drop: 0, close: 0, halfOpen: 0, slow: 0, cut: 0, severed: 0, hostile: 0, duplicate: 0 };
    this.counts = { ...none, rejectAuth: 0, expireTokens: 0, rateLimit: 0, riskControl: 0, block: 0, endpointDown: 0 };
  }

  start(): void {
    for (const name of FaultRates.keyof().options) this.#plan(name);
  }

  /** No further fault happens by itself; those under way go on. */
  stop(): void {
    for (const timer of this.#timers) clearTimeout(timer);
    this.#timers.clear();
  }

  /** Cuts one connection of the room (or any), without a close frame. */
  drop(connection = this.#any()): boolean {
    connection?.cut('fault', 'dropped');
    return this.#count('drop', connection);
  }

  /** Cuts every connection of a room. */
  dropRoom(roomId: number): number {
    return this.#each(this.targets.simulator.connections(roomId), (connection) => this.drop(connection));
  }

  /** Cuts every connection there is. */
  dropAll(): number {
    return this.#each(this.targets.simulator.connections(), (connection) => this.drop(connection));
  }

  /** Closes one connection with a close frame. */
  close(connection = this.#any(), code = pick(this.#draw, [1000, 1001, 1011])): boolean {
    connection?.close('fault', `closed with ${code}`, code);
    return this.#count('close', connection);
  }

  /** Leaves a room's connections open, but neither sends nor answers nor hears anything. */
  halfOpen(roomId: number): number {
    return this.#each(this.targets.simulator.connections(roomId), (connection) => this.freeze(connection));
  }

  freeze(connection = this.#any()): boolean {
    connection?.freeze();
    return this.#count('halfOpen', connection);
  }

  /** Sends in small pieces, late, for a while. */
  slow(connection = this.#any(), forMs = SLOW_MS): boolean {
    connection?.slowDown(forMs);
    return this.#count('slow', connection);
  }

  /** Cuts the connection's next frame in the middle; the socket message itself is whole. WebSocket only. */
  cut(connection = this.#any()): boolean {
    if (connection) connection.cutNextFrame = true;
    return this.#count('cut', connection);
  }

  /** Cuts the socket in the middle of a frame. */
  sever(connection = this.#any()): boolean {
    if (connection) connection.sever(this.#chats(connection, 3));
    return this.#count('severed', connection);
  }

  /** Sends the connection's next frame twice. */
  duplicate(connection = this.#any()): boolean {
    if (connection) connection.repeatNextFrame = true;
    return this.#count('duplicate', connection);
  }

  /** Sends a frame of the catalogue, with good messages around the bad one. */
  hostile(connection = this.#any(), frame: HostileFrame = this.#nextFrame()): boolean {
    if (connection) this.#sendHostile(connection, frame);
    return this.#count('hostile', connection);
  }

  /** Refuses the next authentications, though their tokens are good. */
  rejectAuth(times = 1): boolean {
    this.#rejections += times;
    return this.#count('rejectAuth', true);
  }

  /** Whether the next authentication is one of those; asked once for each. */
  takesRejection(): boolean {
    if (this.#rejections === 0) return false;
    this.#rejections--;
    return true;
  }

  /** Every token given out so far becomes invalid; open connections live on. */
  expireTokens(): boolean {
    this.targets.tokens.expireAll();
    return this.#count('expireTokens', true);
  }

  /** All interfaces answer 429 with Retry-After for a while. */
  rateLimit(forMs = 500): boolean {
    this.targets.gate.limitedUntil = Date.now() + forMs;
    return this.#count('rateLimit', true);
  }

  /** All interfaces answer -412 for a while. */
  block(forMs = 1_000): boolean {
    this.targets.gate.blockedUntil = Date.now() + forMs;
    return this.#count('block', true);
  }

  /** The next signed requests are answered -352, whatever they are. */
  riskControl(times = 1): boolean {
    this.targets.world.distrusted += times;
    return this.#count('riskControl', true);
  }

  /** One of the socket hosts refuses new connections for a while; those it has live on. */
  endpointDown(place?: number, forMs = 3_000): boolean {
    const { hosts } = this.targets.simulator.sockets;
    const host = hosts[place ?? between(this.#draw, 0, hosts.length - 1)];
    if (host) host.downUntil = Date.now() + forMs;
    return this.#count('endpointDown', host);
  }

  #plan(name: FaultName): void {
    const perMinute = this.#rates[name];
    if (perMinute === 0) return;
    const timer = setTimeout(
      () => {
        this.#timers.delete(timer);
        this.#happen(name);
        this.#plan(name);
      },
      (-Math.log(1 - this.#draw()) * 60_000) / perMinute,
    );
    this.#timers.add(timer);
  }

  #happen(name: FaultName): boolean {
    switch (name) {
      case 'halfOpen':
        return this.freeze();
      case 'severed':
        return this.sever();
      default:
        return this[name]();
    }
  }

  /** Some connection that is healthy so far; most of the time there is one. */
  #any(): SocketConnection | undefined {
    const healthy = this.targets.simulator.connections().filter(({ isHalfOpen }) => !isHalfOpen);
    return healthy.length === 0 ? undefined : pick(this.#draw, healthy);
  }

  #each(connections: readonly SocketConnection[], happen: (connection: SocketConnection) => void): number {
    for (const connection of connections) happen(connection);
    return connections.length;
  }

  #count(name: FaultName, target: unknown): boolean {
    if (!target) return false;
    this.counts[name]++;
    return true;
  }

  #nextFrame(): HostileFrame {
    const frame = HOSTILE_FRAMES[this.#nextHostile++ % HOSTILE_FRAMES.length];
    if (!frame) throw new RangeError('the catalogue of hostile frames is empty');
    return frame;
  }

  #chats(connection: SocketConnection, count: number): Frame {
    const { ledger } = this.targets.simulator;
    const room = this.targets.simulator.room(connection.roomId);
    const first = ledger.lastN + 1;
    for (let index = 0; index < count; index++) ledger.add(CHAT, room.face, Date.now());
    return new Frame(first, count, false, false, ledger);
  }

  #sendHostile(connection: SocketConnection, frame: HostileFrame): void {
    const { ledger } = this.targets.simulator;
    const { name, goodAround, undecodable } = frame;
    const good = this.#chats(connection, goodAround);
    const texts = Array.from({ length: goodAround }, (_, index) => ledger.textOf(good.firstN + index));
    const n = ledger.add(typeCode('(hostile)'), this.targets.simulator.room(connection.roomId).face, Date.now());
    connection.sendRaw(frame.build(texts, messageId(n)), () => {
      const now = Date.now();
      if (goodAround > 0) ledger.deliver(good.firstN, goodAround, connection.record, now, 'yes');
      ledger.deliver(n, 1, connection.record, now, 'yes');
      const { number } = connection.record;
      ledger.hostile.push({
        n,
        connection: number,
        sentAt: now,
        name,
        goodFirstN: good.firstN,
        goodCount: goodAround,
        undecodable,
      });
    });
  }
}
