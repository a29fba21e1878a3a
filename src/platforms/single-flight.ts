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

/** The promise's outcome, or the signal's reason, whichever is first; the promise itself goes on. */
export async function abortable<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  let abort = () => {};
  const aborted = new Promise<never>((_, reject) => {
    abort = () => reject(signal.reason instanceof Error ? signal.reason : new Error('aborted'));
    if (signal.aborted) abort();
    else signal.addEventListener('abort', abort, { once: true });
  });
  try {
    return await Promise.race([promise, aborted]);
  } finally {
    signal.removeEventListener('abort', abort);
  }
}
