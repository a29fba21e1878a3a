import { drawFrom, mixSeed, pick } from './random.js';
import type { Simulator } from './simulator.js';

/** Lets rooms go offline and come back, at the rate of the options; about half of them stay live at least. */
export class LiveChanges {
  readonly #draw;
  #timer: NodeJS.Timeout | undefined;

  constructor(private readonly simulator: Simulator) {
    this.#draw = drawFrom(mixSeed(simulator.options.seed, 0x11fe));
  }

  start(): void {
    const { liveChanges } = this.simulator.options;
    if (liveChanges === 0) return;
    const waitMs = (-Math.log(1 - this.#draw()) * 60_000) / liveChanges;
    this.#timer = setTimeout(() => {
      this.#change();
      this.start();
    }, waitMs);
  }

  stop(): void {
    clearTimeout(this.#timer);
  }

  #change(): void {
    const rooms = this.simulator.rooms.filter(({ bar }) => bar === undefined);
    const offline = rooms.filter(({ liveStatus }) => liveStatus !== 1);
    const comesBack = offline.length > 0 && (this.#draw() < 0.5 || offline.length * 2 > rooms.length);
    const { roomId } = pick(this.#draw, comesBack ? offline : rooms.filter(({ liveStatus }) => liveStatus === 1)).face;
    this.simulator.setLive(roomId, comesBack, this.#draw() < 0.1 ? 'CUT_OFF' : 'PREPARING');
  }
}
