import { createWriteStream, type WriteStream } from 'node:fs';
import type { SpoolRange } from '../model/records.js';

/** Writes down when each range was acknowledged: what measurements compare with the time of sending. */
export class AckLog {
  readonly #file: WriteStream;

  constructor(
    path: string,
    private readonly workerId: string,
  ) {
    this.#file = createWriteStream(path, { flags: 'a' });
  }

  /** `ackedAt` in milliseconds since the epoch. */
  write({ from, to }: SpoolRange, ackedAt: number): void {
    this.#file.write(`${JSON.stringify({ workerId: this.workerId, from, to, ackedAt })}\n`);
  }

  close(): Promise<void> {
    return new Promise((resolve) => this.#file.end(resolve));
  }
}
