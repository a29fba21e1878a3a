/** One range of a worker's sequence numbers, and when the database had acknowledged it (milliseconds since the epoch). */
export interface Acknowledgement {
  workerId: string;
  from: number;
  to: number;
  ackedAt: number | Date;
}

/** When an event was safe, by its worker and its sequence number. */
export class AckTimes {
  readonly #byWorker = new Map<string, { from: number; to: number; ackedAt: number }[]>();

  static async read(acks: AsyncIterable<Acknowledgement> | Iterable<Acknowledgement>): Promise<AckTimes> {
    const times = new AckTimes();
    for await (const { workerId, from, to, ackedAt } of acks) {
      const list = times.#byWorker.get(workerId) ?? [];
      list.push({ from, to, ackedAt: Number(ackedAt) });
      times.#byWorker.set(workerId, list);
    }
    for (const list of times.#byWorker.values()) list.sort((left, right) => left.from - right.from);
    return times;
  }

  /** @param connectionId `<workerId>.<anything without a dot>` */
  of(connectionId: string, seq: number): number | undefined {
    const list = this.#byWorker.get(connectionId.slice(0, connectionId.lastIndexOf('.'))) ?? [];
    let low = 0;
    let high = list.length - 1;
    while (low <= high) {
      const middle = (low + high) >> 1;
      const range = list[middle];
      if (!range) return undefined;
      if (seq < range.from) high = middle - 1;
      else if (seq > range.to) low = middle + 1;
      else return range.ackedAt;
    }
    return undefined;
  }
}

/** The value below which this share of all lies; undefined of none. */
export function quantile(values: readonly number[], share: number): number | undefined {
  const sorted = Float64Array.from(values).sort();
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))];
}
