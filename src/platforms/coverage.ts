import type { Clock } from './clock.js';

/** A heartbeat unanswered for so long, while other messages come, means that what comes is not of now. */
const LAG_MS = 2_000;

/** One moment, as written down and as measured. */
interface Moment {
  wall: number;
  mono: number;
}

/**
 * Until when nothing that the platform sent can be missing. What has just been received speaks for the moment it was received, unless it
 * had been waiting: in the kernel while the socket was paused, or in the server while the network was slow. Then only heartbeats tell:
 * their answers come in order, so one that is answered proves everything up to the moment it was sent.
 */
export class Coverage {
  #received: Moment;
  #proven: Moment;
  /** Since when what comes may be old. */
  #waitingSince: Moment | undefined;
  /** A heartbeat sent after this, and answered, ends the doubt. */
  #resumedMono = 0;
  #paused = false;
  #unanswered: Moment[] = [];
  #goodbye: Moment | undefined;

  constructor(private readonly clock: Clock) {
    this.#received = this.#proven = this.#now();
  }

  received(): number {
    this.#received = this.#now();
    return this.#received.wall;
  }

  paused(): void {
    this.#paused = true;
    this.#waitingSince ??= this.#now();
  }

  resumed(): void {
    this.#paused = false;
    this.#resumedMono = this.clock.monotonicMs();
  }

  heartbeatSent(): void {
    this.#unanswered.push(this.#now());
    if (this.#unanswered.length > 1_000) this.#unanswered.shift(); // hours of pause; the oldest say least
  }

  heartbeatAnswered(): void {
    const sent = this.#unanswered.shift();
    if (!sent) return;
    this.#proven = sent;
    if (!this.#paused && sent.mono >= this.#resumedMono) this.#waitingSince = undefined;
  }

  /** Ours. Its answer proves everything up to here, unless the platform's own goodbye may have been waiting unread. */
  goodbyeSent(): void {
    if (!this.#paused) this.#goodbye = this.#now();
  }

  /** As of what was received last, and after an end without a goodbye. Milliseconds since the epoch. */
  untilLoss(): number {
    return this.#doubt()?.wall ?? this.#received.wall;
  }

  /** After a goodbye of the platform, which is the last thing it sent. */
  untilGoodbye(): number {
    const doubt = this.#doubt();
    if (!doubt) return this.clock.now();
    return this.#goodbye ? later(doubt, this.#goodbye).wall : doubt.wall;
  }

  /** The last moment that is sure, where the last message's own is not. */
  #doubt(): Moment | undefined {
    const oldest = this.#unanswered[0];
    if (this.#waitingSince) return later(this.#waitingSince, this.#proven);
    if (oldest && this.#received.mono - oldest.mono > LAG_MS) return this.#proven;
    return undefined;
  }

  #now(): Moment {
    return { wall: this.clock.now(), mono: this.clock.monotonicMs() };
  }
}

const later = (one: Moment, other: Moment): Moment => (one.mono > other.mono ? one : other);
