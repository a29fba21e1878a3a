import type { Simulator } from '../../simulator/simulator.js';
import { type Buckets, type MetricsPage, quantileOf, since } from '../metrics-page.js';

/** What a demo looks like at one moment. */
export interface Progress {
  /** Since the first look. */
  elapsedMs: number;
  rooms: number;
  connected: number;
  /** Accepted a second, over the last looks. */
  perSecond: number;
  accepted: number;
  stored: number;
  /** From the socket to MongoDB's acknowledgement, over the last looks. */
  lagP50Ms: number | undefined;
  lagP99Ms: number | undefined;
  reconnects: number;
  spoolDepth: number;
}

interface Look {
  at: number;
  accepted: number;
  lag: Buckets;
}

/** Rates and delays are told of this long, in milliseconds: shorter jumps about, longer hides what just happened. */
const WINDOW_MS = 5_000;

/** Turns looks at a worker's metrics and at the simulator into figures for people. */
export class ProgressMeter {
  readonly #looks: Look[] = [];
  #startedAt: number | undefined;

  constructor(private readonly simulator: Simulator) {}

  /** `now` in milliseconds since the epoch. */
  look(page: MetricsPage, now: number): Progress {
    this.#startedAt ??= now;
    const look = {
      at: now,
      accepted: page.sum('barrage_events_accepted_total'),
      lag: page.buckets('barrage_lag_seconds'),
    };
    this.#looks.push(look);
    while (this.#looks.length > 2 && (this.#looks[0]?.at ?? now) < now - WINDOW_MS) this.#looks.shift();
    const first = this.#looks[0] ?? look;
    const lag = since(look.lag, first.lag);
    return {
      elapsedMs: now - this.#startedAt,
      rooms: this.simulator.options.rooms,
      connected: connectedRooms(this.simulator),
      perSecond: ((look.accepted - first.accepted) * 1_000) / Math.max(1, look.at - first.at),
      accepted: look.accepted,
      stored: page.sum('barrage_events_stored_total', { outcome: 'inserted' }),
      lagP50Ms: inMs(quantileOf(lag, 0.5)),
      lagP99Ms: inMs(quantileOf(lag, 0.99)),
      reconnects: reconnectsOf(this.simulator),
      spoolDepth: page.sum('barrage_spool_depth'),
    };
  }
}

const inMs = (seconds: number | undefined): number | undefined => (seconds === undefined ? undefined : seconds * 1_000);

/** A half-open connection lives in the simulator's eyes only. */
const connectedRooms = (simulator: Simulator): number =>
  new Set(simulator.connections().flatMap(({ isHalfOpen, roomId }) => (isHalfOpen ? [] : [roomId]))).size;

/** Authenticated connections beyond each room's first. */
function reconnectsOf({ ledger }: Simulator): number {
  const rooms = new Set<number>();
  let connections = 0;
  for (const { roomId, authenticatedAt } of ledger.connections) {
    if (authenticatedAt === undefined) continue;
    rooms.add(roomId);
    connections += 1;
  }
  return connections - rooms.size;
}
