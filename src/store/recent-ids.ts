/** Remembers the last ids that it was told, at least `size` of them and at most twice as many. */
export class RecentIds {
  #young = new Set<string>();
  #old: ReadonlySet<string> = new Set();

  constructor(readonly size: number) {}

  has(id: string): boolean {
    return this.#young.has(id) || this.#old.has(id);
  }

  add(id: string): void {
    if (this.#young.size >= this.size) {
      this.#old = this.#young;
      this.#young = new Set();
    }
    this.#young.add(id);
  }
}
