import { BarrageError } from '../model/errors.js';
import type { SpoolDatabase } from './database.js';
import { DiskFailure } from './disk-failure.js';
import type { Logger } from '../model/log.js';

const PROBE_EVERY_MS = 1_000;
const PROBE_BYTES = 64 * 1024;

/** Whether the disk takes writes. While it does not, one write a second tries it, and the first that succeeds ends the failure. */
export class DiskHealth {
  private error: BarrageError | undefined;
  private cause: DiskFailure | undefined;
  private isDue = false;
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly folder: string,
    private readonly database: SpoolDatabase,
    private readonly log: Logger,
    /** Asks for a `probe`, where no transaction is running. */
    private readonly onProbeDue: () => void,
    private readonly pendingBytes: () => number,
  ) {}

  /** Why entries are refused at present. */
  get failure(): BarrageError | undefined {
    return this.error;
  }

  /** The disk refuses everything; a full one still takes acknowledgements, and small records. */
  get isBroken(): boolean {
    return this.cause !== undefined && !this.cause.isFull;
  }

  /** Returns what to refuse the caller with. */
  fail(cause: DiskFailure): BarrageError {
    const facts = { folder: this.folder, reason: cause.reason };
    if (!this.error || this.cause?.isFull !== cause.isFull) {
      this.error = cause.isFull
        ? new BarrageError('SPOOL_FULL', `The disk that holds the spool ${this.folder} is full.`, facts)
        : new BarrageError('SPOOL_FAILED', `The disk that holds the spool ${this.folder} refuses writes.`, facts);
      this.log.error(facts, this.error.message);
    }
    this.cause = cause;
    this.schedule();
    return this.error;
  }

  isProbeDue(): boolean {
    return this.isDue;
  }

  /** Ends the failure if the disk takes a write. Not to be called while a transaction runs. */
  async probe(): Promise<void> {
    this.stop();
    try {
      if (this.cause?.isPanic) await this.database.reopen();
      if (!(await this.database.reserve(PROBE_BYTES, this.pendingBytes(), 'append'))) return this.schedule();
      await this.database.commit([({ meta }) => meta.put('probe', '0'.repeat(PROBE_BYTES))]);
      await this.database.commit([({ meta }) => meta.remove('probe')]);
    } catch (error) {
      this.fail(error instanceof DiskFailure ? error : new DiskFailure('it cannot be opened again', false, true));
      return;
    }
    this.error = this.cause = undefined;
    this.log.warn({ folder: this.folder }, 'The disk that holds the spool takes writes again.');
  }

  stop(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    this.isDue = false;
  }

  /** The timer alone says when: a clock that is set back, or that is ahead of the timer's, would let the only call pass before its time. */
  private schedule(): void {
    this.timer ??= setTimeout(() => {
      this.isDue = true;
      this.onProbeDue();
    }, PROBE_EVERY_MS).unref();
  }
}
