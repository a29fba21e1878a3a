import { emptyCounts } from '../../src/model/connection.js';
import { RoomOrder, type RoomOrder as Order } from '../../src/model/room.js';
import type { ClosingSession, Observation, StreamReport } from '../../src/model/stream.js';
import { RoomActor, type RoomChange, type RoomLook, type Step } from '../../src/workflows/room-actor.js';
import { RoomActorState } from '../../src/model/room-state.js';

const FIRST_NOW = 1_795_000_000_000;
/** More steps in a row than this, none of which waits for anything, are a workflow that spins. */
const MOST_STEPS_AT_ONCE = 8;

/** What a room may say of itself during a step; a session's record is written between two others. */
const PHASES: Partial<Record<Step['do'], readonly string[]>> = {
  look: ['connecting'],
  stream: ['connecting', 'streaming', 'paused'],
  'await-live': ['waiting'],
  'cool-down': ['suspended'],
  rest: ['paused'],
};

/** A broadcast as a look shows it: the one before, if there was one, or the next. */
export type Broadcast = 'same' | 'next' | 'without-start';

/** How a `streamRoom` came to its end. */
export interface StreamEnd {
  end: StreamReport['end'];
  isConnected: boolean;
  /** Whether attempts before this one had connections. */
  hasEarlier: boolean;
}

/**
 * A room's actor, driven as `room.ts` and `room-steps.ts` drive it, without Temporal: signals change it while a step is under way, and the step's
 * outcome is an input like any other. Throws where the actor breaks a promise.
 */
export class DrivenRoom {
  actor: RoomActor;
  step: Step = { do: 'look' };
  /** The stream under way has been told to end. */
  isHungUp = false;
  over: 'ended' | 'failed' | 'cancelled' | undefined;
  readonly #begun = new Set<string>();
  readonly #written = new Map<string, ClosingSession>();
  #now = FIRST_NOW;
  #broadcastAt = FIRST_NOW - 3_600_000;
  #isOver = false;
  #isLong = false;
  #connections = 0;
  #covered = new Map<string, number>();

  constructor(order: Partial<Order> = {}) {
    const parsed = RoomOrder.parse({ room: 'bilibili:1', ...order });
    this.actor = RoomActor.create(parsed, { platform: 'bilibili', roomId: '1' });
    this.#advance();
  }

  /** As `structuredClone`, for a search. */
  clone(): DrivenRoom {
    const copy = new DrivenRoom();
    copy.actor = Object.assign(new RoomActor(structuredClone(this.actor.state)), { doing: this.step.do });
    Object.assign(copy, { step: structuredClone(this.step), isHungUp: this.isHungUp, over: this.over });
    copy.#now = this.#now;
    copy.#broadcastAt = this.#broadcastAt;
    copy.#isOver = this.#isOver;
    copy.#isLong = this.#isLong;
    copy.#connections = this.#connections;
    copy.#covered = new Map(this.#covered);
    copy.#begun.clear();
    for (const id of this.#begun) copy.#begun.add(id);
    for (const [id, closing] of this.#written) copy.#written.set(id, closing);
    return copy;
  }

  /** Everything by which two rooms behave differently, without counts and times. */
  get abstract(): string {
    const { state } = this.actor;
    const { phase, isLive, session, closing, observation, previous, order, coolDownMs } = state;
    const reasons = [state.pausedBecause, state.retiredBecause, state.reconnectBecause, state.failure];
    return JSON.stringify([
      ...[this.step.do, phase, isLive, this.over, this.isHungUp, this.#isOver, this.#isLong, coolDownMs > 0],
      ...[session, observation, previous, ...reasons].map((fact) => fact !== undefined),
      ...[closing?.end, closing?.session.id === session?.id, order.until, order.startedBy],
    ]);
  }

  /** Signals of one activation: the conditions of the step under way are looked at when all of them have been handled. */
  signals(...all: ((actor: RoomActor, now: number) => void)[]): void {
    this.#now += 1_000;
    for (const one of all) one(this.actor, this.#now);
    this.#settle();
    this.#check();
  }

  looked(look: 'offline' | Broadcast): void {
    this.#now += 1_000;
    this.actor.looked(this.#look(look), this.#now);
    this.#advance();
  }

  lookFailed(code: string): void {
    this.actor.attemptFailed(code, `${code} happened`);
    this.#advance();
  }

  awaitFailed(code: string): void {
    this.actor.failed(code, `${code} happened`);
    this.#advance();
  }

  streamed(end: StreamEnd): void {
    this.#now += 10_000;
    this.#isOver ||= end.end === 'offline';
    this.actor.streamed(this.#report(end));
    this.#advance();
  }

  attemptFailed(code: string): void {
    this.#now += 10_000;
    this.actor.attemptFailed(code, `${code} happened`);
    this.#advance();
  }

  /** The activity obeyed the cancel and had nothing to report. */
  streamCancelled(): void {
    this.#now += 1_000;
    this.actor.interrupted();
    this.#advance();
  }

  cooled(): void {
    this.#now += 60_000;
    this.#coolDown();
  }

  sessionWritten(): void {
    if (this.step.do !== 'close-session') throw new Error('there is no session to write');
    this.#write(this.step.closing);
    this.actor.closed();
    this.#advance();
  }

  /** The history is long: the next step is the first of a new run. Beyond its bound, a stream is hung up for it. */
  grown(): void {
    this.#isLong = true;
    if (this.step.do === 'stream') this.isHungUp = true;
  }

  /** As `room` ends when it is cancelled. */
  cancelled(): void {
    const { actor } = this;
    const { closing } = actor.state;
    if (closing !== undefined) this.#write(closing);
    actor.close('cancelled', this.#now);
    actor.state.phase = 'ended';
    if (actor.state.closing !== undefined) this.#write(actor.state.closing);
    this.#end('cancelled');
  }

  #advance(): void {
    this.isHungUp = false;
    this.step = this.actor.next();
    if (this.step.do === 'end') this.#end('ended');
    else if (this.step.do === 'fail') this.#end('failed');
    else if (this.#isLong) this.#carryOver();
    if (this.over !== undefined) return;
    if (this.step.do === 'stream') {
      this.#begun.add(this.step.request.session.id);
      const why = this.actor.interruption(this.step);
      if (why !== undefined) throw new Error(`a stream is begun only to be ended: ${why}`);
    }
    this.#settle();
    this.#check();
  }

  #carryOver(): void {
    const { do: before } = this.step;
    this.#isLong = false;
    this.actor = new RoomActor(RoomActorState.parse(JSON.parse(JSON.stringify(this.actor.state))));
    this.step = this.actor.next();
    if (this.step.do !== before) throw new Error(`the new run goes on with ${this.step.do} and not with ${before}`);
  }

  #stepsAtOnce = 0;
  /** What the conditions in room-steps.ts do. */
  #settle(): void {
    const { actor, step } = this;
    const wanted = actor.interruption(step) === undefined;
    if (step.do === 'stream') this.isHungUp ||= !wanted;
    const isOut = step.do === 'rest' ? !actor.isResting : ['await-live', 'cool-down'].includes(step.do) && !wanted;
    if (!isOut) return;
    this.#stepsAtOnce += 1;
    if (this.#stepsAtOnce > MOST_STEPS_AT_ONCE) throw new Error(`the workflow spins in ${step.do}`);
    if (step.do === 'cool-down') this.#coolDown();
    else {
      if (step.do === 'await-live') actor.interrupted();
      else actor.cooled();
      this.#advance();
    }
    this.#stepsAtOnce = 0;
  }

  #coolDown(): void {
    if (this.actor.state.phase === 'suspended') this.actor.cooled();
    this.#advance();
  }

  #write(closing: ClosingSession): void {
    const { session, endedAt } = closing;
    const before = this.#written.get(session.id);
    if (before !== undefined && JSON.stringify(before) !== JSON.stringify(closing))
      throw new Error(`the session ${session.id} is closed twice, as ${before.end} and as ${closing.end}`);
    const covered = this.#covered.get(session.id) ?? session.startedAt;
    if (endedAt < covered) throw new Error(`the session ${session.id} ends ${covered - endedAt} ms before its data`);
    this.#written.set(session.id, structuredClone(closing));
  }

  #end(how: 'ended' | 'failed' | 'cancelled'): void {
    this.over = how;
    this.#check();
    for (const id of this.#begun) if (!this.#written.has(id)) throw new Error(`the session ${id} is never closed`);
  }

  #check(): void {
    const { state } = this.actor;
    const { events, connections, coolDownMs, circuitOpened, totals, closing } = state;
    const counts = [
      events,
      connections,
      coolDownMs,
      circuitOpened,
      totals.connections,
      ...Object.values(totals.events),
    ];
    if (counts.some((count) => !Number.isSafeInteger(count) || count < 0)) throw new Error('a count is negative');
    const written = new Map(this.#written);
    if (closing !== undefined) written.set(closing.session.id, closing);
    const ofSessions = [...written.values()].reduce((sum, one) => sum + one.totals.connections, totals.connections);
    if (connections !== this.#connections || (this.over !== undefined && ofSessions !== connections))
      throw new Error(`${this.#connections} connections, ${connections} counted, ${ofSessions} in the sessions`);
    if (this.over === undefined && PHASES[this.step.do]?.includes(state.phase) === false)
      throw new Error(`a room of which the step is ${this.step.do} says that it is ${state.phase}`);
  }

  #look(look: 'offline' | Broadcast): RoomLook {
    if (look === 'offline') this.#isOver = true;
    if (look === 'offline') return { isLive: false };
    if (look === 'next' || this.#isOver) this.#broadcastAt = this.#now;
    this.#isOver = false;
    return {
      isLive: true,
      ownerId: '1',
      title: '标题',
      ...(look !== 'without-start' && { liveStartedAt: this.#broadcastAt }),
    };
  }

  #report({ end, isConnected, hasEarlier }: StreamEnd): StreamReport {
    if (this.step.do !== 'stream') throw new Error('nothing streams');
    this.#connections += (isConnected ? 1 : 0) + (hasEarlier ? 2 : 0);
    const earlier = { ...(hasEarlier && { earlier: { connections: 2, events: { gift: 2 } } }) };
    if (!isConnected) return { end, detail: 'no connection', ...earlier };
    const coveredUntil = this.#now - 100;
    this.#covered.set(this.step.request.session.id, coveredUntil);
    const ids = { connectionId: `w1.${this.#connections}`, workerId: 'wtest', endpoint: 'h:1' };
    return {
      end,
      detail: 'said so',
      ...earlier,
      connection: {
        ...ids,
        connectedAt: this.#now - 9_000,
        coveredUntil,
        endedAt: this.#now,
        counts: { ...emptyCounts(), accepted: { chat: 3 } },
      },
      ...(end === 'offline' && { liveEndedAt: this.#now - 50 }),
    };
  }
}

/** What an input does to a room, where it can happen at all. */
export interface Input {
  name: string;
  isPossible: (room: DrivenRoom) => boolean;
  apply: (room: DrivenRoom) => void;
}

type Signal = (actor: RoomActor, now: number) => void;

const observation = (facts: Partial<Observation>): Signal => {
  return (actor) => actor.observed({ state: 'streaming', workerId: 'wtest', ...facts });
};
const change = (to: RoomChange): Signal => {
  return (actor) => actor.configure(to);
};

/** All that may be sent to a room, at any moment: a report of the stream may be late. */
const SIGNALS: readonly (readonly [string, Signal])[] = [
  ['pause', (actor) => actor.pause('test')],
  ['resume', (actor) => actor.resume()],
  ['retire', (actor, now) => actor.retire('test', now)],
  ['reconnect', (actor) => actor.isStreaming && actor.reconnect('test')],
  ['until offline', change({ until: 'offline' })],
  ['until cancelled', change({ until: 'cancelled' })],
  ['of a person', change({ startedBy: 'person' })],
  ['of discovery', change({ startedBy: 'discovery' })],
  ['observed connecting', observation({ state: 'connecting', lastError: 'Attempt 3' })],
  ['observed streaming', observation({ connectionId: 'w1.1', connectedAt: FIRST_NOW, events: 7, endpoint: 'h:1' })],
  ['observed paused', observation({ state: 'paused' })],
];

const whenDoing = (step: Step['do'], name: string, apply: (room: DrivenRoom) => void): Input => ({
  name: `${step}: ${name}`,
  isPossible: (room) => room.over === undefined && room.step.do === step,
  apply,
});

const LOOKS = ['offline', 'same', 'next', 'without-start'] as const;
/** One code for each way in which a failure is treated, and what is no code of ours. */
const CODES = ['CONNECT_FAILED', 'RISK_CONTROL', 'TIMEOUT', 'WORKER_SHUTDOWN', 'ROOM_LOCKED', 'UNKNOWN'];
const ENDS = ['lost', 'silent', 'offline', 'paused', 'reconnect', 'cancelled'] as const;

/** What may come of a step. */
export const OUTCOMES: readonly Input[] = [
  ...LOOKS.map((seen) => whenDoing('look', seen, (room) => room.looked(seen))),
  ...CODES.map((code) => whenDoing('look', code, (room) => room.lookFailed(code))),
  ...LOOKS.slice(1).map((seen) => whenDoing('await-live', seen, (room) => room.looked(seen))),
  whenDoing('await-live', 'ROOM_LOCKED', (room) => room.awaitFailed('ROOM_LOCKED')),
  ...CODES.map((code) => whenDoing('stream', code, (room) => room.attemptFailed(code))),
  ...ENDS.flatMap((end) =>
    [true, false].flatMap((isConnected) =>
      [true, false]
        .filter(() => isConnected || !['lost', 'silent', 'offline'].includes(end)) // these are ends of a connection
        .map((hasEarlier) =>
          whenDoing('stream', `${end}, ${isConnected ? 'connected' : 'not connected'}, ${hasEarlier}`, (room) =>
            room.streamed({ end, isConnected, hasEarlier }),
          ),
        ),
    ),
  ),
  {
    name: 'stream: cancelled',
    isPossible: (room) => room.over === undefined && room.step.do === 'stream' && room.isHungUp,
    apply: (room) => room.streamCancelled(),
  },
  whenDoing('cool-down', 'over', (room) => room.cooled()),
  whenDoing('close-session', 'written', (room) => room.sessionWritten()),
];

const whileItLives = (name: string, apply: (room: DrivenRoom) => void): Input => ({
  name,
  apply,
  isPossible: (room) => room.over === undefined,
});

/** One signal in an activation. */
export const SINGLE_ORDERS: readonly Input[] = SIGNALS.map(([name, signal]) =>
  whileItLives(name, (room) => room.signals(signal)),
);

/** One signal or two in an activation, and the growth of the history. */
export const ORDERS: readonly Input[] = [
  ...SINGLE_ORDERS,
  ...SIGNALS.flatMap(([first, a]) =>
    SIGNALS.filter(([second]) => second !== first).map(([second, b]) =>
      whileItLives(`${first} + ${second}`, (room) => room.signals(a, b)),
    ),
  ),
  whileItLives('a long history', (room) => room.grown()),
];

export const CANCEL: Input = whileItLives('cancel', (room) => room.cancelled());
