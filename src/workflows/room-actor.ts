import { backoffMs } from '../model/backoff.js';
import { isLoss, type PreviousConnection } from '../model/connection.js';
import { ERRORS } from '../model/errors.js';
import { type RoomOrder, type RoomRef, roomKey, sessionIdOf } from '../model/room.js';
import type { ClosingSession, Observation, StreamReport, StreamRequest, SessionTotals } from '../model/stream.js';
import type { RoomActorState, RoomPhase } from '../model/room-state.js';

/** What the platform says of the room, with what the store remembers of its last connection. */
export interface RoomLook {
  isLive: boolean;
  liveStartedAt?: number;
  ownerId?: string;
  ownerName?: string;
  title?: string;
  areaName?: string;
  parentAreaName?: string;
  popularity?: number;
  previous?: PreviousConnection;
}

/** The one thing to do next. */
export type Step =
  | { do: 'look' }
  | { do: 'stream'; request: StreamRequest }
  | { do: 'await-live' }
  | { do: 'close-session'; closing: ClosingSession }
  | { do: 'cool-down'; ms: number }
  | { do: 'rest' }
  | { do: 'end' }
  | { do: 'fail'; code: string; message: string };

/** What `configure` may change. */
export type RoomChange = Partial<Pick<RoomOrder, 'until' | 'priority' | 'exclude' | 'offlineGraceMs' | 'startedBy'>>;

/** Why a step under way should be given up. */
export type Interruption = 'paused' | 'cancelled' | 'reconnect';

const FIRST_COOL_DOWN_MS = 60_000;
const LONGEST_COOL_DOWN_MS = 3_600_000;

/** Failures after which the room is merely placed anew: nothing is wrong with it. */
const HANDOVER = new Set(['WORKER_SHUTDOWN', 'WORKER_RESTARTED', 'TIMEOUT']);

/**
 * All decisions about one room, without any of the machinery: each method takes a fact, `next` says what follows from all of them.
 * Every state is left by some input.
 */
export class RoomActor {
  /** A signal may come at any moment, an observation of a stream after that stream: what it means depends on the step under way. */
  private doing: Step['do'] = 'look';

  constructor(readonly state: RoomActorState) {}

  static create(order: RoomOrder, room: RoomRef): RoomActor {
    const totals = { events: {}, connections: 0 };
    return new RoomActor({
      order,
      room,
      phase: 'connecting',
      totals,
      coolDownMs: 0,
      circuitOpened: 0,
      connections: 0,
      events: 0,
    });
  }

  get key(): string {
    return roomKey(this.state.room);
  }

  /** What follows from everything known; `step` in the state's phase keeps up with it. */
  next(): Step {
    const step = this.following();
    this.doing = step.do;
    return step;
  }

  private following(): Step {
    const { state } = this;
    if (state.closing === undefined && state.retiredBecause !== undefined) {
      this.close('retired', Math.max(state.retiredAt ?? 0, this.coveredUntil));
    }
    if (state.closing !== undefined) return { do: 'close-session', closing: state.closing };
    if (state.failure !== undefined) return this.at('failed', { do: 'fail', ...state.failure });
    if (state.retiredBecause !== undefined) return this.at('ended', { do: 'end' });
    if (state.pausedBecause !== undefined) return this.at('paused', { do: 'rest' });
    if (state.coolDownMs > 0 && state.phase === 'suspended') return { do: 'cool-down', ms: state.coolDownMs };
    if (state.isLive === undefined) return this.at('connecting', { do: 'look' });
    if (!state.isLive) {
      if (state.order.until === 'offline') return this.at('ended', { do: 'end' });
      return this.at('waiting', { do: 'await-live' });
    }
    return this.at('connecting', { do: 'stream', request: this.request() });
  }

  private at(phase: RoomPhase, step: Step): Step {
    this.state.phase = phase;
    return step;
  }

  private request(): StreamRequest {
    const { order, room, session, ownerId, previous } = this.state;
    if (session === undefined) throw new Error('a live room has a session');
    return {
      ...room,
      session,
      until: order.until,
      exclude: order.exclude,
      offlineGraceMs: order.offlineGraceMs,
      ...(ownerId !== undefined && { ownerId }),
      ...(previous !== undefined && { previous }),
    };
  }

  /** Why `step`, which is under way, should be given up; undefined while it should go on. */
  interruption(step: Step): Interruption | undefined {
    if (this.state.retiredBecause !== undefined) return 'cancelled';
    if (this.state.pausedBecause !== undefined) return 'paused';
    if (step.do === 'stream' && this.state.reconnectBecause !== undefined) return 'reconnect';
    if (step.do === 'await-live' && this.state.order.until === 'offline') return 'cancelled';
    if (step.do === 'cool-down' && this.state.phase !== 'suspended') return 'reconnect';
    return undefined;
  }

  /** The platform was asked, by `look` or `await-live`. `now` in milliseconds since the epoch. */
  looked(look: RoomLook, now: number): void {
    const { state } = this;
    for (const name of ['ownerId', 'ownerName', 'title', 'popularity'] as const) {
      if (look[name] !== undefined) Object.assign(state, { [name]: look[name] });
    }
    state.isLive = look.isLive;
    state.previous ??= look.previous;
    const startedAt = look.liveStartedAt ?? state.session?.startedAt ?? now;
    // An earlier start is that of the same broadcast, of which the platform had not told it before.
    if (!look.isLive) this.close('offline', now);
    else if (startedAt > (state.session?.startedAt ?? 0)) this.close('offline', Math.max(startedAt, this.coveredUntil));
    if (!look.isLive || state.session !== undefined) return;
    state.session = {
      id: sessionIdOf(state.room, startedAt),
      startedAt,
      ...(look.title !== undefined && { title: look.title }),
      ...(look.areaName !== undefined && { areaName: look.areaName }),
      ...(look.parentAreaName !== undefined && { parentAreaName: look.parentAreaName }),
    };
  }

  /** A running stream tells how it is doing. */
  observed(observation: Observation): void {
    const { state } = this;
    if (this.doing !== 'stream') return;
    state.observation = observation.state === 'streaming' ? { ...state.observation, ...observation } : observation;
    if (observation.lastError !== undefined) state.lastError = observation.lastError;
    if (observation.endpoint !== undefined) state.lastEndpoint = observation.endpoint;
    if (observation.title !== undefined) state.title = observation.title;
    if (observation.popularity !== undefined) state.popularity = observation.popularity;
    state.phase = observation.state;
  }

  /** A connection ended, or was given up before there was one. */
  streamed(report: StreamReport): void {
    const { state } = this;
    delete state.observation;
    delete state.reconnectBecause;
    if (report.earlier !== undefined) this.add(report.earlier);
    if (report.connection !== undefined) this.count(report.connection);
    if (report.end !== 'offline') {
      if (isLoss(report.end)) state.lastError = report.detail;
      return;
    }
    state.isLive = false;
    this.close('offline', report.liveEndedAt ?? report.connection?.endedAt ?? this.coveredUntil);
  }

  /** When it is known last that something was received. */
  private get coveredUntil(): number {
    return this.state.previous?.coveredUntil ?? 0;
  }

  private count(connection: NonNullable<StreamReport['connection']>): void {
    const { state } = this;
    state.coolDownMs = 0;
    this.add({ events: connection.counts.accepted, connections: 1 });
    state.previous = {
      connectionId: connection.connectionId,
      coveredUntil: connection.coveredUntil,
      ...(state.session !== undefined && { sessionId: state.session.id }),
    };
  }

  private add({ events, connections }: SessionTotals): void {
    const { state } = this;
    state.connections += connections;
    state.totals.connections += connections;
    for (const [kind, count] of Object.entries(events)) {
      state.totals.events[kind] = (state.totals.events[kind] ?? 0) + count;
      state.events += count;
    }
  }

  /** A step was given up, because the actor wanted something else, before anything came of it. */
  interrupted(): void {
    delete this.state.observation;
    delete this.state.reconnectBecause;
  }

  /** True while nothing is to be done until somebody resumes or retires the room. */
  get isResting(): boolean {
    return this.state.pausedBecause !== undefined && this.state.retiredBecause === undefined;
  }

  /** `streamRoom` or `lookAtRoom` failed for good or ten times in a row; `code` is its failure's type. */
  attemptFailed(code: string, message: string): void {
    const { state } = this;
    delete state.observation;
    delete state.reconnectBecause;
    state.lastError = message;
    if (HANDOVER.has(code)) return;
    if (isFinal(code)) return this.failed(code, message);
    const { coolDownMs } = state;
    state.coolDownMs = backoffMs({ firstMs: FIRST_COOL_DOWN_MS, longestMs: LONGEST_COOL_DOWN_MS, after: coolDownMs });
    state.phase = 'suspended';
    state.circuitOpened += 1;
  }

  /** The room is not to be had, ever: the actor ends with the reason. */
  failed(code: string, message: string): void {
    this.state.failure = { code, message };
    this.close('failed', this.coveredUntil);
  }

  /** The cool-down or the rest is over; the room is looked at before anything is tried again. */
  cooled(): void {
    this.state.phase = 'connecting';
    delete this.state.isLive;
  }

  pause(reason: string): void {
    this.state.pausedBecause = reason;
  }

  resume(): void {
    delete this.state.pausedBecause;
    if (this.state.phase === 'suspended') this.cooled();
  }

  /** Takes effect with the next connection. */
  configure(change: RoomChange): void {
    this.state.order = { ...this.state.order, ...change };
  }

  retire(reason: string, now: number): void {
    if (this.state.order.startedBy === 'person') return;
    this.state.retiredBecause = reason;
    this.state.retiredAt = now;
  }

  reconnect(reason: string): void {
    this.state.reconnectBecause = reason;
  }

  /** True while there is a connection, or an attempt at one, that `reconnect` could end. */
  get isStreaming(): boolean {
    return this.doing === 'stream' && this.state.phase !== 'paused';
  }

  /** The session, if one is open, is over at `endedAt`. */
  close(end: ClosingSession['end'], endedAt: number): void {
    const { state } = this;
    if (state.session === undefined) return;
    const { session, totals } = state;
    state.closing = { session, totals, end, endedAt: Math.max(endedAt, session.startedAt) };
    delete state.session;
    state.totals = { events: {}, connections: 0 };
  }

  /** The record of the session that was over has been written. */
  closed(): void {
    delete this.state.closing;
  }
}

const isFinal = (code: string): boolean =>
  Object.entries(ERRORS).some(([name, { retry }]) => name === code && retry === 'never');
