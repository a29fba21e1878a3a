import { CancelledFailure, Context } from '@temporalio/activity';
import type { Client } from '@temporalio/client';
import { setTimeout as sleep } from 'node:timers/promises';
import type { SpoolActivities } from '../../src/activities/drain-spool.js';
import type { HangUpActivities } from '../../src/activities/hang-up.js';
import type { DiscoveryActivities } from '../../src/activities/live-rooms.js';
import type { RoomActivities, RoomSeen } from '../../src/activities/room.js';
import type { StreamActivities } from '../../src/activities/stream-room.js';
import { type ConnectionEnd, emptyCounts } from '../../src/model/connection.js';
import { BarrageError, type ErrorCode } from '../../src/model/errors.js';
import { roomKey, type RoomRef } from '../../src/model/room.js';
import type { ClosingSession, StreamHeartbeat, StreamReport, StreamRequest } from '../../src/model/stream.js';
import type { Held, Ledger } from './random-orders-ledger.js';
import { AWAITS, LOOKS, oneOf, pick, randomOf, STREAMS, WRITES } from './random-orders-script.js';

const SOON: readonly ErrorCode[] = ['CONNECT_FAILED', 'PLATFORM_ERROR', 'PLATFORM_UNREACHABLE', 'AUTH_REFUSED'];
const AFTER: readonly ErrorCode[] = ['RATE_LIMITED', 'RISK_CONTROL', 'ADDRESS_BLOCKED'];
const REFUSED: readonly ErrorCode[] = ['ROOM_LOCKED', 'ROOM_ENCRYPTED', 'ROOM_NOT_FOUND', 'ROOM_REGION'];
/** Longer than the heartbeat timeout of random-orders-interceptor.ts, so that two attempts overlap. */
const SILENT_MS = 4_000;
/** Shorter than that heartbeat timeout. */
const LATE_MS = 2_000;
const BROADCASTS_FROM = 1_795_000_000_000;

/** What the scripts of all nodes share: the platform, the connections, and whether it is still a bad day. */
export class World {
  isCalm = false;
  calls = 0;
  /** Closed, in their order. */
  readonly written: ClosingSession[] = [];
  /** What becomes of the next calls, by `<activity> <room>`, whatever day it is. */
  readonly forced = new Map<string, string[]>();
  /** Rooms whose connection fails when it is told to end. */
  readonly breaks = new Set<string>();
  readonly #calls = new Map<string, number>();
  readonly #broadcasts = new Map<string, number>();
  readonly #hangUps = new Map<string, (why: ConnectionEnd) => void>();

  constructor(
    readonly seed: number,
    readonly rooms: readonly string[],
    readonly ledger: Ledger,
    readonly batches: Ledger,
    readonly client: Client,
  ) {}

  /** The chances of the next call of an activity for a room. */
  script(activity: string, room: string): () => number {
    const name = `${activity} ${room}`;
    const call = (this.#calls.get(name) ?? 0) + 1;
    this.#calls.set(name, call);
    this.calls += 1;
    return randomOf(this.seed, `${name} ${call}`);
  }

  /** What becomes of this call of an activity. */
  how(name: string, calm: string, random: () => number, weights: Readonly<Record<string, number>>): string {
    return this.forced.get(name)?.shift() ?? (this.isCalm ? calm : pick(random, weights));
  }

  broadcast(room: string, isNext = false): number {
    const count = (this.#broadcasts.get(room) ?? 0) + (isNext ? 1 : 0);
    this.#broadcasts.set(room, count);
    return BROADCASTS_FROM + count * 1_000;
  }

  onHangUp(worker: string, room: string, listener: (why: ConnectionEnd) => void): () => void {
    const name = `${worker} ${room}`;
    this.#hangUps.set(name, listener);
    return () => this.#hangUps.get(name) === listener && this.#hangUps.delete(name);
  }

  hangUp(worker: string, room: string, why: ConnectionEnd): boolean {
    const listener = this.#hangUps.get(`${worker} ${room}`);
    listener?.(why);
    return listener !== undefined;
  }
}

/** Fails as `how` says, if it is a failure. */
function failAs(how: string, random: () => number, room: string): void {
  if (how === 'fails soon') throw new BarrageError(oneOf(random, SOON), `Scripted for ${room}.`);
  if (how === 'fails after') throw new BarrageError(oneOf(random, AFTER), `Scripted for ${room}.`, {}, 1_000);
  if (how === 'refused') throw new BarrageError(oneOf(random, REFUSED), `Scripted for ${room}.`);
  if (how === 'unforeseen') throw new TypeError('Scripted: nobody foresaw this.');
  if (how === 'shutdown') throw new BarrageError('WORKER_SHUTDOWN', 'Scripted: the worker shuts down.');
}

export const roomActivities = (world: World): RoomActivities => {
  const seen = (room: RoomRef, isLive: boolean, isNext = false): RoomSeen => ({
    roomId: room.roomId,
    isLive,
    ownerId: '1',
    title: `房间 ${room.roomId}`,
    ...(isLive && { liveStartedAt: world.broadcast(roomKey(room), isNext) }),
  });
  return {
    async lookAtRoom(room) {
      const random = world.script('look', roomKey(room));
      const how = world.how(`look ${roomKey(room)}`, 'live', random, LOOKS);
      await sleep(world.isCalm ? 1 : random() * 60);
      failAs(how, random, roomKey(room));
      if (how === 'offline') world.broadcast(roomKey(room), true);
      return seen(room, how !== 'offline', how === 'next');
    },
    async awaitLive(room) {
      const random = world.script('await', roomKey(room));
      const how = world.how(`await ${roomKey(room)}`, 'live', random, AWAITS);
      const { cancellationSignal, heartbeat } = Context.current();
      if (how === 'silent') await sleep(SILENT_MS);
      const until = Date.now() + random() * 800;
      while (Date.now() < until) {
        heartbeat();
        await sleep(40);
        if (cancellationSignal.aborted && how !== 'stubborn') throw ended('it was waited for');
      }
      failAs(how, random, roomKey(room));
      return seen(room, true, true);
    },
    async closeSession({ platform, roomId, closing }) {
      const room = roomKey({ platform, roomId });
      const random = world.script('close', room);
      const how = world.how(`close ${room}`, 'done', random, WRITES);
      await sleep(how === 'slow' ? 300 : how === 'fails late' ? 1_000 : 1);
      failAs(how === 'fails late' ? 'fails soon' : how, random, room);
      world.written.push(closing);
    },
  };
};

const ended = (what: string): Error =>
  Context.current().cancellationDetails?.workerShutdown === true
    ? new BarrageError('WORKER_SHUTDOWN', `The worker shuts down while ${what}.`)
    : new CancelledFailure(`It was cancelled while ${what}.`);

export const hangUpActivities = (world: World, worker: string): HangUpActivities => ({
  hangUp: async ({ room, reason }) => {
    const random = world.script('hang-up', room);
    if (!world.isCalm && random() < 0.2) await sleep(random() * 1_500); // beyond its deadline, now and then
    return { found: world.hangUp(worker, room, reason) };
  },
});

export const streamActivities = (world: World, worker: string): StreamActivities => ({
  async streamRoom(request) {
    const room = roomKey(request);
    const random = world.script('stream', room);
    const { info } = Context.current();
    const failsOn = !world.isCalm && randomOf(world.seed, `${room} ${info.activityId}`)() < 0.08; // until its circuit opens
    const how = failsOn ? 'fails soon' : world.how(`stream ${room}`, 'calm', random, STREAMS);
    await sleep(world.isCalm ? 1 : random() * 60);
    failAs(how, random, room);
    return new ScriptedStream(world, worker, request, how, random).run();
  },
});

/** One connection that does what its script says, and tells as a real one does. */
class ScriptedStream {
  readonly #context = Context.current();
  readonly #room: string;
  readonly #held: Held;
  readonly #since = Date.now();
  #toldToEnd: ConnectionEnd | undefined;

  constructor(
    readonly world: World,
    readonly worker: string,
    readonly request: StreamRequest,
    readonly how: string,
    readonly random: () => number,
  ) {
    this.#room = roomKey(request);
    this.#held = world.ledger.open(this.#room, this.#context.info);
  }

  async run(): Promise<StreamReport> {
    const off = this.world.onHangUp(this.worker, this.#room, (why) => (this.#toldToEnd ??= why));
    try {
      if (this.how === 'silent') await sleep(SILENT_MS);
      else if (this.how === 'late') await this.#liveLate();
      else await this.#live();
    } finally {
      off();
      this.#held.close();
    }
    if (this.random() < 0.1) void sleep(this.random() * 300).then(() => this.#tell('streaming')); // the last word comes late
    return this.#outcome();
  }

  async #live(): Promise<void> {
    const until = Date.now() + (this.how === 'calm' ? Infinity : 50 + this.random() * 1_500);
    if (this.random() < 0.5) this.#tell('connecting');
    for (let beats = 0; Date.now() < until && !this.#isToEnd; beats += 1) {
      this.#context.heartbeat({
        state: 'streaming',
        workerId: this.worker,
        connectionId: this.#connectionId,
        attempt: this.#context.info.attempt,
        failures: 0,
      } satisfies StreamHeartbeat);
      if (beats % 60 === 1) this.#tell('streaming');
      await sleep(50);
    }
    if (this.how !== 'stubborn' || this.world.isCalm) return;
    for (const stopAt = Date.now() + 800; Date.now() < stopAt; await sleep(50)) this.#context.heartbeat();
  }

  /** Connects late, and hears of a cancel only from who knows its worker. */
  async #liveLate(): Promise<void> {
    await sleep(500);
    this.#tell('streaming');
    for (const until = Date.now() + LATE_MS; Date.now() < until && this.#toldToEnd === undefined;) await sleep(20);
  }

  get #isToEnd(): boolean {
    if (this.#toldToEnd !== undefined || this.#context.cancellationSignal.aborted) return true;
    return this.world.isCalm && this.how !== 'calm';
  }

  get #connectionId(): string {
    return `${this.worker}.${this.#since.toString(36)}${this.#context.info.attempt}`;
  }

  #tell(state: 'connecting' | 'streaming'): void {
    const { workflowId, runId } = this.#held;
    const facts = { connectionId: this.#connectionId, connectedAt: this.#since, events: 3, popularity: 100 };
    void this.world.client.workflow
      .getHandle(workflowId, runId)
      .signal('observed', { state, workerId: this.worker, ...(state === 'streaming' && facts) })
      .catch(() => undefined); // its run is over
  }

  #outcome(): StreamReport {
    const { cancellationDetails, cancellationSignal } = this.#context;
    if (cancellationDetails?.workerShutdown === true) throw ended('it streamed');
    if (this.world.breaks.has(this.#room)) throw new BarrageError('SPOOL_FAILED', 'Scripted: its record failed.');
    if (this.how === 'cancelled unasked') throw new CancelledFailure('Scripted: nobody asked for it.');
    if (cancellationSignal.aborted && this.#toldToEnd === undefined && this.random() < 0.5) throw ended('it streamed');
    const asked = this.#toldToEnd ?? (cancellationSignal.aborted ? 'cancelled' : undefined);
    const end = asked ?? (this.how === 'offline' ? 'offline' : 'lost');
    if (end === 'offline') this.world.broadcast(this.#room, true);
    if (this.how === 'told nothing' && asked !== undefined) return { end, detail: 'before it was connected' };
    const endedAt = Date.now();
    const ids = { connectionId: this.#connectionId, workerId: this.worker, endpoint: 'h:1' };
    const counts = { ...emptyCounts(), accepted: { chat: 3 } };
    const times = { connectedAt: this.#since, coveredUntil: endedAt - 1, endedAt };
    return { end, detail: 'Scripted.', connection: { ...ids, ...times, counts } };
  }
}

/** A spool that is drained in batches, some of which fail. */
export const spoolActivities = (world: World, worker: string): SpoolActivities => {
  let firstSeq = 1;
  return {
    spoolHead: async () => {
      failAs(pick(world.script('head', worker), WRITES), () => 0, worker);
      return { firstSeq };
    },
    drainSpool: async (request) => {
      const random = world.script('drain', worker);
      const held = world.batches.open(worker, Context.current().info);
      try {
        for (let beats = random() * 12; beats > 0; beats -= 1) {
          Context.current().heartbeat();
          await sleep(50);
          if (Context.current().cancellationSignal.aborted) throw ended('it drained');
        }
        failAs(world.isCalm ? 'done' : pick(random, { ...WRITES, unforeseen: 3, refused: 3 }), random, worker);
        firstSeq = Math.max(firstSeq, request.firstSeq + 1 + Math.floor(random() * 50));
        return { firstSeq: request.firstSeq, lastSeq: firstSeq - 1, events: 1, inserted: 1, duplicates: 0 };
      } finally {
        held.close();
      }
    },
  };
};

export const discoveryActivities = (world: World): DiscoveryActivities => ({
  planRooms: async () => {
    const random = world.script('plan', 'all');
    if (!world.isCalm) failAs(pick(random, { ok: 80, 'fails soon': 15, refused: 5 }), random, 'all');
    const some = (): { platform: string; roomId: string }[] =>
      world.rooms.filter(() => random() < 0.3).map((roomId) => ({ platform: 'bilibili', roomId }));
    const start = some().map((room) => ({ room, priority: 3, popularity: 0 }));
    const retire = some().map((room, rank) => ({ room, rank: rank % 2 === 0 ? rank : undefined }));
    return { listed: world.rooms.length, running: 0, slots: 100, start, retire, below: {}, leftAlone: [] };
  },
});
