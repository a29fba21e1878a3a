/** Waits out the end of a broadcast: streamers drop and come back. */
export class OfflineWatch {
  /** When the broadcast ended, milliseconds since the epoch; undefined while it lives. */
  endedSince: number | undefined;
  #timer: NodeJS.Timeout | undefined;

  /** @param graceMs how long to wait before `over` is called */
  constructor(
    private readonly graceMs: number,
    private readonly now: () => number,
    private readonly over: () => void,
  ) {}

  /** The broadcast ended at `at`; told again, it changes nothing. */
  ended(at: number): void {
    if (this.endedSince !== undefined) return;
    this.endedSince = Math.min(at, this.now());
    this.#timer = setTimeout(this.over, this.graceMs);
  }

  /** The broadcast goes on, or began again. */
  live(): void {
    this.stop();
    this.endedSince = undefined;
  }

  stop(): void {
    clearTimeout(this.#timer);
  }
}
