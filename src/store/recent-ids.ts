/** Remembers where the last ids were stored that it was told, of at least `size` of them and at most twice as many. */
export class RecentIds {
  #young = new Map<string, string>();
  #old: ReadonlyMap<string, string> = new Map();

  constructor(readonly size: number) {}

  /** Of an id that was told for several collections, the last one counts. */
  has(collection: string, id: string): boolean {
    return (this.#young.get(id) ?? this.#old.get(id)) === collection;
  }

  add(collection: string, id: string): void {
    if (this.#young.size >= this.size) {
      this.#old = this.#young;
      this.#young = new Map();
    }
    this.#young.set(id, collection);
  }
}
