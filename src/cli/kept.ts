import { setTimeout as sleep } from 'node:timers/promises';
import { BarrageError, ERRORS } from '../model/errors.js';
import { withoutCredentials } from './secrets.js';

/** A process of ours. */
export interface Running {
  readonly pid?: number | undefined;
  readonly exited: Promise<{ code: number | null; signal: NodeJS.Signals | null }>;
  stop(): Promise<void>;
  kill(): void;
}

export interface KeptOptions<P extends Running> {
  /** For people. */
  name: string;
  /** Starts it; `previous` is the one that ended, so that the next has its address. */
  start: (previous: P | undefined) => Promise<P>;
  report: (line: string) => void;
  /** False: one that ended stays so. */
  restarts: boolean;
}

const FIRST_WAIT_MS = 500;
const LONGEST_WAIT_MS = 30_000;
/** One that ran so long was healthy: its end is no reason to wait. */
const HEALTHY_AFTER_MS = 60_000;

/** A process that is started again when it ends by itself, sooner at first and later when it keeps ending. */
export class Kept<P extends Running> {
  /** Rejects when it can never start again, such as for a bad setting; otherwise pending. */
  readonly failed: Promise<never>;
  #current: P;
  #restarts = 0;
  readonly #stopping = new AbortController();
  readonly #watching: Promise<void>;

  private constructor(
    first: P,
    private readonly options: KeptOptions<P>,
  ) {
    this.#current = first;
    this.#watching = this.#watch();
    this.failed = this.#watching.then(() => new Promise<never>(() => undefined));
    this.failed.catch(() => undefined); // told to those who wait for it
  }

  static async start<P extends Running>(options: KeptOptions<P>): Promise<Kept<P>> {
    return new Kept(await options.start(undefined), options);
  }

  /** The one that runs now, or the last one that did. */
  get current(): P {
    return this.#current;
  }

  /** How often it was started again. */
  get restarts(): number {
    return this.#restarts;
  }

  /** SIGKILL, for crash tests: it comes back by itself, where it is kept. */
  kill(): void {
    this.#current.kill();
  }

  /** Starts one that is not kept, when it has ended: with the address it had. Throws what starting it throws. */
  async startAgain(): Promise<P> {
    await this.#current.exited;
    this.#current = await this.options.start(this.#current);
    this.#restarts += 1;
    return this.#current;
  }

  /** Ends it cleanly, for good. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#current.stop();
    await this.#watching.catch(() => undefined);
    await this.#current.stop(); // one that was just being started again
  }

  async #watch(): Promise<void> {
    const { signal } = this.#stopping;
    const { name, report, restarts } = this.options;
    let waitMs = FIRST_WAIT_MS;
    for (;;) {
      const startedAt = Date.now();
      const { code, signal: by } = await this.#current.exited;
      if (signal.aborted || !restarts) return;
      if (Date.now() - startedAt > HEALTHY_AFTER_MS) waitMs = FIRST_WAIT_MS;
      report(`${name} ended (${by ?? `exit code ${code}`}); starting it again`);
      while (!(await this.#startAgain(waitMs))) {
        if (signal.aborted) return;
        waitMs = Math.min(waitMs * 2, LONGEST_WAIT_MS);
      }
      if (signal.aborted) return;
      waitMs = Math.min(waitMs * 2, LONGEST_WAIT_MS);
    }
  }

  /** Whether it runs again; throws what makes every further attempt useless. */
  async #startAgain(waitMs: number): Promise<boolean> {
    await sleep(waitMs, undefined, { signal: this.#stopping.signal }).catch(() => undefined);
    if (this.#stopping.signal.aborted) return false;
    try {
      this.#current = await this.options.start(this.#current);
      this.#restarts += 1;
      this.options.report(`${this.options.name} runs again`);
      return true;
    } catch (error) {
      if (error instanceof BarrageError && ERRORS[error.code].retry === 'never' && error.code !== 'ENGINE_FAILED') {
        throw error;
      }
      const words = withoutCredentials(error instanceof Error ? error.message : String(error));
      this.options.report(`${this.options.name} did not start: ${words}`);
      return false;
    }
  }
}
