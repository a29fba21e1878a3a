import type { RecordedHole } from '../drills/gap-check.js';
import { between, type Draw, drawFrom, mixSeed, pick } from '../simulator/random.js';
import type { Simulator } from '../simulator/simulator.js';

const SHORTEST_MS = 5_000;
const LONGEST_MS = 30_000;

/** Lets broadcasts end and begin again, and remembers when nobody was live: nothing has to be recorded then. */
export class Broadcasts {
  readonly offline: RecordedHole[] = [];
  readonly #draw: Draw;
  readonly #back = new Map<number, NodeJS.Timeout>();
  #timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly simulator: Simulator,
    private readonly roomIds: readonly number[],
    /** How many end, of all rooms together. */
    private readonly endsAMinute: number,
    seed: number,
  ) {
    this.#draw = drawFrom(mixSeed(seed, 0x50a4));
    this.#next();
  }

  /** Everybody is live again, and stays so. */
  stop(): void {
    clearTimeout(this.#timer);
    for (const roomId of [...this.#back.keys()]) this.#begin(roomId);
  }

  #next(): void {
    const waitMs = (-Math.log(1 - this.#draw()) * 60_000) / this.endsAMinute;
    this.#timer = setTimeout(() => {
      this.#end(pick(this.#draw, this.roomIds));
      this.#next();
    }, waitMs);
  }

  #end(roomId: number): void {
    if (this.#back.has(roomId)) return;
    this.simulator.setLive(roomId, false);
    const _id = `offline:${roomId}:${this.offline.length}`;
    this.offline.push({ _id, roomId: String(roomId), from: new Date() });
    const forMs = between(this.#draw, SHORTEST_MS, LONGEST_MS);
    this.#back.set(
      roomId,
      setTimeout(() => this.#begin(roomId), forMs),
    );
  }

  #begin(roomId: number): void {
    clearTimeout(this.#back.get(roomId));
    this.#back.delete(roomId);
    const hole = this.offline.findLast((one) => one.roomId === String(roomId));
    if (hole) hole.to = new Date();
    this.simulator.setLive(roomId, true);
  }
}
