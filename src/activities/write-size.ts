/**
 * How many entries the next write takes: all that is allowed, half of what was tried after each failure, twice as many after each success. A server that cannot take
 * a write in the time it has would otherwise be given the same write for ever, and store nothing.
 */
export class WriteSize {
  #entries: number;

  constructor(private readonly most: number) {
    this.#entries = most;
  }

  get entries(): number {
    return this.#entries;
  }

  /** @param entries of the write that failed */
  failed(entries: number): void {
    this.#entries = Math.max(1, Math.min(this.#entries, entries) >> 1);
  }

  succeeded(): void {
    this.#entries = Math.min(this.most, this.#entries * 2);
  }
}
