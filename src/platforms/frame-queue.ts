export interface QueueLimits {
  maxFrames: number;
  maxBytes: number;
}

/** Tells the one who fills a queue when to stop and when to go on. */
export interface Flow {
  pause(): void;
  resume(): void;
}

interface Item<T> {
  value: T;
  bytes: number;
}

/** What waits between a socket and its reader: in order, read once, asking for a pause at its limits and for more below half of them. */
export class FrameQueue<T> {
  #items: Item<T>[] = [];
  #bytes = 0;
  #paused = false;
  #ended = false;
  #wake = () => {};

  constructor(
    private readonly limits: QueueLimits,
    private readonly flow: Flow,
  ) {}

  get paused(): boolean {
    return this.#paused;
  }

  /** How far beyond its limits it is, 1 being just at them: what is under way when a pause is asked for still comes. */
  get load(): number {
    return Math.max(this.#items.length / this.limits.maxFrames, this.#bytes / this.limits.maxBytes);
  }

  push(value: T, bytes: number): void {
    this.#items.push({ value, bytes });
    this.#bytes += bytes;
    this.#wake();
    if (!this.#paused && this.load >= 1) {
      this.#paused = true;
      this.flow.pause();
    }
  }

  /** Reading ends once what is here has been read. */
  end(): void {
    this.#ended = true;
    this.#wake();
  }

  /** The oldest, if there is one. */
  take(): T | undefined {
    const item = this.#items.shift();
    if (item) this.#release(item.bytes);
    return item?.value;
  }

  /** Resolves with true when there is one to take, with false when none will come any more. For one reader. */
  async more(): Promise<boolean> {
    if (this.#items.length === 0 && !this.#ended) await new Promise<void>((resolve) => (this.#wake = resolve));
    return this.#items.length > 0;
  }

  #release(bytes: number): void {
    this.#bytes -= bytes;
    if (this.#paused && this.load < 0.5) {
      this.#paused = false;
      this.flow.resume();
    }
  }
}
