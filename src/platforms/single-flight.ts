import { abortable } from '../model/abortable.js';

/**
 * A value that many want and one fetches: all who ask meanwhile share the one request, and it is kept for `ttlMs`.
 * A failure goes to everybody who waits, and is not kept.
 */
export class SingleFlight<T> {
  #kept: { value: T; at: number } | undefined;
  #flight: Promise<T> | undefined;

  constructor(
    private readonly fetch: () => Promise<T>,
    private readonly ttlMs: number,
    private readonly monotonicMs: () => number,
  ) {}

  /** One who stops waiting leaves the request to the others. */
  async get(signal: AbortSignal): Promise<T> {
    signal.throwIfAborted();
    const kept = this.#kept;
    if (kept && this.monotonicMs() - kept.at < this.ttlMs) return kept.value;
    this.#flight ??= this.#fetchOnce();
    return abortable(this.#flight, signal);
  }

  /** Forgets the value if it is still this one, so that of many who met the same refusal only the first causes a new request. */
  drop(value: T): void {
    if (this.#kept?.value === value) this.#kept = undefined;
  }

  async #fetchOnce(): Promise<T> {
    try {
      const value = await this.fetch();
      this.#kept = { value, at: this.monotonicMs() };
      return value;
    } finally {
      this.#flight = undefined;
    }
  }
}
