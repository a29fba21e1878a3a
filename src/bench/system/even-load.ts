import { typeCode, weightedCode } from '../../simulator/messages/types.js';
import { type Draw, drawFrom, mixSeed } from '../../simulator/random.js';
import type { SimulatedRoom } from '../../simulator/rooms.js';
import type { Simulator } from '../../simulator/simulator.js';

const TICK_MS = 20;
/** As captures have it on average; the same for any number of rooms, so that only that number differs. */
const MESSAGES_A_FRAME = 3;
/** After a stall of this process, what is missing is not sent in one go. */
const LONGEST_CATCH_UP_MS = 200;

/** Whether a kind of message may come by chance: what announces the beginning or the end of a broadcast may not. */
const LEFT_OUT = new Set(['PREPARING', 'LIVE', 'CUT_OFF'].map((cmd) => typeCode(cmd)));

/** A load in frames of one size, room after room: where the simulator's own traffic is bursts of rooms of very different size. */
export class EvenLoad {
  readonly #draw: Draw;
  #timer: NodeJS.Timeout | undefined;
  #next = 0;
  #owed = 0;
  #lastAt = 0;
  #perMs = 0;

  constructor(
    private readonly simulator: Simulator,
    private readonly rooms: readonly SimulatedRoom[],
    seed: number,
  ) {
    this.#draw = drawFrom(mixSeed(seed, 0xe7e2));
    simulator.traffic.stop();
  }

  set rate(perSecond: number) {
    this.#perMs = perSecond / 1_000;
    clearInterval(this.#timer);
    this.#lastAt = performance.now();
    this.#owed = 0;
    this.#timer = perSecond > 0 ? setInterval(() => this.#turn(), TICK_MS) : undefined;
  }

  #turn(): void {
    const now = performance.now();
    this.#owed += Math.min(LONGEST_CATCH_UP_MS, now - this.#lastAt) * this.#perMs;
    this.#lastAt = now;
    for (; this.#owed >= MESSAGES_A_FRAME; this.#owed -= MESSAGES_A_FRAME) {
      const room = this.rooms[this.#next++ % this.rooms.length];
      const codes = Array.from({ length: MESSAGES_A_FRAME }, () => ({ code: this.#code() }));
      if (room) this.simulator.traffic.emit(room, codes);
    }
  }

  #code(): number {
    for (;;) {
      const code = weightedCode(this.#draw());
      if (!LEFT_OUT.has(code)) return code;
    }
  }
}
