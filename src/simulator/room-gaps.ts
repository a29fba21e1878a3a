/** A hole that somebody wrote down. Times are dates, or milliseconds since the epoch. */
export interface RecordedGap {
  roomId: string;
  from: number | Date;
  to?: number | Date | undefined;
}

/** The recorded holes of every room. */
export class RoomGaps {
  readonly #byRoom = new Map<string, { from: number; to: number }[]>();
  count = 0;

  constructor(gaps: Iterable<RecordedGap>) {
    for (const { roomId, from, to } of gaps) {
      const list = this.#byRoom.get(roomId) ?? [];
      list.push({ from: Number(from), to: to === undefined ? Number.POSITIVE_INFINITY : Number(to) });
      this.#byRoom.set(roomId, list);
      this.count++;
    }
  }

  /** @param transitMs how long a message may have been under way when the connection was lost */
  covers(roomId: number, atMs: number, transitMs: number): boolean {
    return (this.#byRoom.get(String(roomId)) ?? []).some(({ from, to }) => atMs >= from - transitMs && atMs <= to);
  }
}
