import { createWriteStream, openSync, type WriteStream } from 'node:fs';
import { BarrageError } from '../model/errors.js';
import type { Logger } from '../model/log.js';
import type { SpoolRange } from '../model/records.js';
import { shownCodeOf } from '../model/error-code.js';

/** Writes down when each range was acknowledged: what measurements compare with the time of sending. */
export class AckLog {
  readonly #file: WriteStream;

  /** Throws `BAD_CONFIG` where the file cannot be written. Where that fails later, the rest is missing from it, and the worker goes on. */
  constructor(
    path: string,
    private readonly workerId: string,
    log: Logger,
  ) {
    this.#file = createWriteStream(path, { fd: opened(path) });
    this.#file.on('error', (error) => log.error({ reason: error.message }, 'the log of acknowledgements ends here'));
  }

  /** `ackedAt` in milliseconds since the epoch. */
  write({ from, to }: SpoolRange, ackedAt: number): void {
    if (this.#file.writable) this.#file.write(`${JSON.stringify({ workerId: this.workerId, from, to, ackedAt })}\n`);
  }

  close(): Promise<void> {
    return new Promise((resolve) => this.#file.end(() => resolve()));
  }
}

function opened(path: string): number {
  try {
    return openSync(path, 'a', 0o600);
  } catch (error) {
    throw new BarrageError(
      'BAD_CONFIG',
      `The file ${path} of worker.ackLog cannot be written (${shownCodeOf(error)}).`,
    );
  }
}
