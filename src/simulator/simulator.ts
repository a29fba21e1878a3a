import { createServer } from 'node:http';
import type { SocketConnection } from './connection.js';
import { Faults } from './faults.js';
import { Frame } from './frame.js';
import { HttpApi, type ApiWorld } from './http-api.js';
import { Ledger } from './ledger.js';
import type { ExpectedEvent } from './messages/message.js';
import { typeCode } from './messages/types.js';
import { SimulatorOptions, type SimulatorInput } from './options.js';
import { LiveChanges } from './live-changes.js';
import { Replay } from './replay.js';
import { RequestGate } from './request-gate.js';
import { makeRooms, type SimulatedRoom } from './rooms.js';
import { listen, SocketServer } from './socket-server.js';
import { statsOf, type SimulatorStats } from './stats.js';
import { Tokens } from './tokens.js';
import { Traffic } from './traffic.js';
import { PUBLISHED_KEYS } from './wbi-check.js';

/** Starts a platform of its own on loopback. It sends at once to whoever connects, until `close()`. */
export async function startSimulator(input: SimulatorInput = {}): Promise<Simulator> {
  const simulator = new Simulator(SimulatorOptions.parse(input));
  await simulator.start();
  return simulator;
}

/** A server that speaks Bilibili's interfaces and socket protocol, and keeps a ledger of every message it sent to every connection. */
export class Simulator {
  readonly rooms: readonly SimulatedRoom[];
  readonly ledger: Ledger;
  readonly faults: Faults;
  readonly traffic: Traffic;
  readonly sockets: SocketServer;
  readonly api: HttpApi;
  readonly startedAt = Date.now();
  /** Base address of all interfaces (and `/sub`), as `http://127.0.0.1:1234`. */
  url = '';
  readonly #server = createServer({ keepAlive: true }, (request, response) => this.api.handle(request, response));
  readonly #world: ApiWorld;
  readonly #byId: ReadonlyMap<number, SimulatedRoom>;
  readonly #listeners = new Map<number, Set<SocketConnection>>();
  readonly #replays = new Map<number, Replay>();
  readonly #deadPorts: number[] = [];
  readonly #liveChanges: LiveChanges;
  #sweep: NodeJS.Timeout | undefined;

  /** Use {@link startSimulator}. */
  constructor(readonly options: SimulatorOptions) {
    this.rooms = makeRooms(options, this.startedAt);
    this.#byId = new Map(this.rooms.map((room) => [room.face.roomId, room]));
    this.ledger = new Ledger(
      options.seed,
      this.rooms.map(({ face }) => face),
    );
    const tokens = new Tokens(options.tokenTtlMs);
    const gate = new RequestGate(options);
    const { rooms, ledger } = this;
    this.#world = { rooms, ledger, tokens, gate, keys: PUBLISHED_KEYS, distrusted: 0, hostList: () => this.hostList() };
    this.api = new HttpApi(this.#world);
    this.sockets = new SocketServer({
      options,
      ledger,
      accepts: ({ key, roomid }) => !this.faults.takesRejection() && tokens.isGood(key, roomid),
      joined: (connection) => this.#joined(connection),
      settled: (connection) => this.#settled(connection),
      left: (connection) => this.#left(connection),
    });
    this.traffic = new Traffic(options, rooms, ledger, {
      isListening: (room) => this.#listeners.has(room.face.roomId),
      deliver: (room, frame) => this.#deliver(room, frame),
    });
    this.#liveChanges = new LiveChanges(this);
    this.faults = new Faults(options, { simulator: this, world: this.#world, tokens, gate });
  }

  /** Use {@link startSimulator}. */
  async start(): Promise<void> {
    const { host, port, extraHosts, deadHosts, tcp, idleCloseMs } = this.options;
    const bound = await listen(this.#server, port, host);
    this.url = `http://${host}:${bound}`;
    this.sockets.attach(this.#server, bound);
    for (let extra = 0; extra < extraHosts; extra++) await this.sockets.listenExtra();
    if (tcp) await this.sockets.listenTcp();
    for (let dead = 0; dead < deadHosts; dead++) this.#deadPorts.push(await unusedPort(host));
    this.traffic.start();
    this.faults.start();
    this.#liveChanges.start();
    this.#sweep = setInterval(() => this.#closeIdle(), Math.min(1_000, idleCloseMs / 4));
  }

  hostList(): ReturnType<ApiWorld['hostList']> {
    const { host } = this.options;
    const ports = [...this.#deadPorts, ...this.sockets.hosts.map((place) => place.port)];
    // Encrypted connections are not served: every port is plain, whatever it is called.
    return ports.map((port) => ({ host, port: this.sockets.tcpPort || port, wss_port: port, ws_port: port }));
  }

  room(roomId: number): SimulatedRoom {
    const room = this.#byId.get(roomId);
    if (!room) throw new RangeError(`the simulator has no room ${roomId}`);
    return room;
  }

  /** Those authenticated and open, of one room or of all. */
  connections(roomId?: number): SocketConnection[] {
    return [...this.sockets.connections].filter(
      ({ isReady, record }) => isReady && (roomId === undefined || record.roomId === roomId),
    );
  }

  /** Goes live (told twice, as by the platform) or offline. */
  setLive(roomId: number, isLive: boolean, how: 'PREPARING' | 'CUT_OFF' = 'PREPARING'): void {
    const room = this.room(roomId);
    const now = Date.now();
    if (room.bar !== undefined || (room.liveStatus === 1) === isLive) return;
    if (isLive) {
      const first = this.traffic.emit(room, [{ code: typeCode('LIVE') }], now);
      this.traffic.emit(room, [{ code: typeCode('LIVE', true), primary: first }], now);
    } else {
      if (how === 'CUT_OFF') this.traffic.emit(room, [{ code: typeCode('CUT_OFF') }], now);
      this.traffic.emit(room, [{ code: typeCode('PREPARING') }], now);
    }
    room.liveStatus = isLive ? 1 : 0;
    room.liveSince = isLive ? now : 0;
    room.liveKey = isLive ? `7336${String(now).padStart(14, '0')}` : '';
    this.traffic.countLive();
  }

  /** Sends a message of this kind (as `DANMU_MSG`) to a room now; returns its number in the ledger. */
  emit(roomId: number, cmd: string): number {
    return this.traffic.emit(this.room(roomId), [{ code: typeCode(cmd) }]);
  }

  /** Sends any JSON text to a room now. Documents lead back to it by a nonce in it: see messages/identity.ts. */
  send(roomId: number, text: (n: number) => string, expected: (n: number) => ExpectedEvent[]): number {
    const room = this.room(roomId);
    const n = this.ledger.lastN + 1;
    this.ledger.addCustom(room.face, Date.now(), { text: text(n), expected: expected(n) });
    this.#deliver(room, new Frame(n, 1, false, false, this.ledger));
    return n;
  }

  /** Lets a room play a capture (JSON lines, `{dir, t, b64}`) to each connection from its beginning, instead of its own traffic. */
  async replay(roomId: number, file: string): Promise<void> {
    const room = this.room(roomId);
    this.#replays.set(roomId, await Replay.read(file, room.face, this.ledger));
    this.ledger.replayedRooms.add(roomId);
    room.boost = 0;
  }

  /** Ends the load: no further message, change or fault happens by itself. Connections, heartbeats and interfaces go on. */
  quiet(): void {
    this.traffic.stop();
    this.faults.stop();
    this.#liveChanges.stop();
  }

  stats(): SimulatorStats {
    return statsOf(this);
  }

  async close(): Promise<void> {
    clearInterval(this.#sweep);
    this.quiet();
    await this.sockets.close();
    const closed = new Promise((done) => this.#server.close(done));
    this.#server.closeAllConnections();
    await closed;
  }

  #joined(connection: SocketConnection): void {
    const listeners = this.#listeners.get(connection.roomId) ?? new Set();
    this.#listeners.set(connection.roomId, listeners.add(connection));
    this.#replays.get(connection.roomId)?.play(connection);
  }

  #settled(connection: SocketConnection): void {
    if (!connection.isAnonymous || this.#replays.has(connection.roomId)) return;
    connection.after(200, () => {
      const n = this.ledger.add(typeCode('LOG_IN_NOTICE'), this.room(connection.roomId).face, Date.now());
      connection.deliver(new Frame(n, 1, true, false, this.ledger));
    });
  }

  #left(connection: SocketConnection): void {
    this.sockets.forget(connection);
    const listeners = this.#listeners.get(connection.roomId);
    listeners?.delete(connection);
    if (listeners?.size === 0) this.#listeners.delete(connection.roomId);
  }

  #deliver(room: SimulatedRoom, frame: Frame): void {
    if (this.#replays.has(room.face.roomId)) return;
    for (const connection of this.#listeners.get(room.face.roomId) ?? []) connection.deliver(frame);
  }

  #closeIdle(): void {
    const deadline = Date.now() - this.options.idleCloseMs;
    for (const connection of this.connections())
      if (connection.lastHeartbeatAt < deadline && !connection.isHalfOpen) connection.cut('server', 'no heartbeat');
  }
}

/** A port that nobody listens on. */
async function unusedPort(host: string): Promise<number> {
  const server = createServer();
  const port = await listen(server, 0, host);
  await new Promise((done) => server.close(done));
  return port;
}
