import type { Simulator } from '../simulator/simulator.js';

const LOOK_EVERY_MS = 100;
/** What was let through before may arrive with what is let through now, where the machine is busy. */
const DELAYED_MS = 1_000;

/** Counts, over time, what the platform's interfaces are asked. */
export class RequestWatch {
  readonly #looks: { atMs: number; requests: number }[] = [];
  readonly #timer: NodeJS.Timeout;

  constructor({ api }: { api: Pick<Simulator['api'], 'requests'> }) {
    this.#timer = setInterval(() => {
      const requests = [...api.requests.values()].reduce((sum, count) => sum + count, 0);
      this.#looks.push({ atMs: performance.now(), requests });
    }, LOOK_EVERY_MS);
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  /** In words, the stretch of time with more requests than a token bucket of this size lets through. */
  beyond({ requestsPerSecond, burst }: { requestsPerSecond: number; burst: number }): string[] {
    let level = 0;
    let worst = 0;
    let last = this.#looks[0];
    for (const look of this.#looks) {
      if (last === undefined) break;
      const allowed = ((look.atMs - last.atMs) * requestsPerSecond) / 1_000;
      level = Math.max(0, level + (look.requests - last.requests) - allowed);
      worst = Math.max(worst, level);
      last = look;
    }
    const slack = (DELAYED_MS * requestsPerSecond) / 1_000 + 1;
    if (worst <= burst + slack) return [];
    return [
      `the interfaces got ${Math.ceil(worst)} requests at once, beside ${requestsPerSecond} a second; ${burst} are allowed`,
    ];
  }
}
