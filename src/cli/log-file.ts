import { closeSync, fstatSync, mkdirSync, openSync, renameSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';

const MAX_BYTES = 32 * 1024 * 1024;

/** A log of another process's output; at 32 MiB it becomes `<path>.1` and begins anew, so months of it take 64 MiB. */
export class LogFile {
  #descriptor: number;
  #bytes: number;

  constructor(readonly path: string) {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    this.#descriptor = openSync(path, 'a', 0o600);
    this.#bytes = fstatSync(this.#descriptor).size;
  }

  /** How long it is now. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Never throws: a log that cannot be written must not end what it tells of. */
  write(chunk: Uint8Array): void {
    try {
      if (this.#bytes > MAX_BYTES) this.#turnOver();
      this.#bytes += writeSync(this.#descriptor, chunk);
    } catch {
      // The disk is full; its own alarm tells.
    }
  }

  close(): void {
    closeSync(this.#descriptor);
  }

  #turnOver(): void {
    renameSync(this.path, `${this.path}.1`);
    const next = openSync(this.path, 'a', 0o600);
    closeSync(this.#descriptor);
    this.#descriptor = next;
    this.#bytes = 0;
  }
}
