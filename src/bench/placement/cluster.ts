import { type Draw, mixSeed, zipfShares } from '../../simulator/random.js';

/** A worker process as far as its places go. */
export interface PlacedWorker {
  readonly id: number;
  rooms: number;
  /** Share of all messages. */
  load: number;
}

/** Chooses the worker of a room among those that run. `room` is its rank, most popular first. */
export type Policy = (cluster: Cluster, room: number) => PlacedWorker;

/** Workers with as many places as they need in all, and this much more. */
const SPARE = 1.3;
/** A worker that asks for no more rooms while it is busy carries at most so many times the mean. */
const BUSY = 1.15;
/** Draws until a worker is found that would take a room; then the least busy one has it. */
const MOST_DRAWS = 50;

/** Rooms of Zipf's popularity on workers that come and go; it counts who moves. */
export class Cluster {
  readonly workers: PlacedWorker[] = [];
  /** Rooms that had a worker and got another one. */
  moves = 0;
  readonly shares: readonly number[];
  readonly #placeOf: (PlacedWorker | undefined)[];
  readonly #policy: Policy;
  readonly #draw: Draw;
  #slots = 0;
  #ids = 0;

  constructor(rooms: number, exponent: number, { policy, draw }: { policy: Policy; draw: Draw }) {
    this.shares = zipfShares(rooms, exponent);
    this.#placeOf = Array.from({ length: rooms }, () => undefined);
    this.#policy = policy;
    this.#draw = draw;
  }

  get meanLoad(): number {
    return 1 / this.workers.length;
  }

  /** Starts `count` workers. With a policy that knows where each room belongs, rooms go there at once. */
  join(count: number, isAttracting: boolean): void {
    for (let n = 0; n < count; n += 1) this.workers.push({ id: (this.#ids += 1), rooms: 0, load: 0 });
    this.#slots = Math.max(this.#slots, Math.ceil((SPARE * this.shares.length) / this.workers.length));
    if (isAttracting) for (let room = 0; room < this.shares.length; room += 1) this.place(room);
  }

  /** Ends `count` workers at once; their rooms are placed anew. Gives how many rooms had been theirs. */
  leave(count: number): number {
    const gone = new Set(Array.from({ length: count }, () => this.#remove()));
    const homeless = this.#shuffled([...this.#placeOf.keys()].filter((room) => this.#isOn(room, gone)));
    for (const room of homeless) this.place(room);
    return homeless.length;
  }

  /** All rooms, in an order in which nobody planned them. */
  placeAll(): void {
    for (const room of this.#shuffled([...this.#placeOf.keys()])) this.place(room);
  }

  /** That share of the rooms ends, and as many others begin. */
  churn(share: number): void {
    const rooms = this.#shuffled([...this.#placeOf.keys()]).slice(0, Math.round(share * this.shares.length));
    for (const room of rooms) this.#take(room);
    for (const room of rooms) this.#give(room, this.#policy(this, room));
  }

  place(room: number): void {
    const before = this.#placeOf[room];
    const worker = this.#policy(this, room);
    if (worker === before) return;
    if (before !== undefined) this.moves += 1;
    this.#take(room);
    this.#give(room, worker);
  }

  /** Any worker that has a place and is `willing`, as a task queue gives a room to whoever asks first. */
  drawWorker(isWilling: (worker: PlacedWorker) => boolean): PlacedWorker {
    for (let n = 0; n < MOST_DRAWS; n += 1) {
      const worker = this.workers[Math.floor(this.#draw() * this.workers.length)];
      if (worker && worker.rooms < this.#slots && isWilling(worker)) return worker;
    }
    return this.workers.reduce((least, worker) => (worker.load < least.load ? worker : least));
  }

  /** Rooms that no running worker has, or that the sum of the workers' rooms does not explain. */
  get misplaced(): number {
    const running = new Set(this.workers);
    const nowhere = this.#placeOf.filter((worker) => worker === undefined || !running.has(worker)).length;
    const held = this.workers.reduce((sum, { rooms }) => sum + rooms, 0);
    return nowhere + Math.abs(held - this.shares.length);
  }

  #remove(): PlacedWorker {
    const [worker] = this.workers.splice(Math.floor(this.#draw() * this.workers.length), 1);
    if (worker === undefined) throw new RangeError('there is no worker left');
    return worker;
  }

  #isOn(room: number, workers: ReadonlySet<PlacedWorker>): boolean {
    const worker = this.#placeOf[room];
    return worker !== undefined && workers.has(worker);
  }

  #take(room: number): void {
    const worker = this.#placeOf[room];
    if (worker === undefined) return;
    worker.rooms -= 1;
    worker.load -= this.shares[room] ?? 0;
    this.#placeOf[room] = undefined;
  }

  #give(room: number, worker: PlacedWorker): void {
    worker.rooms += 1;
    worker.load += this.shares[room] ?? 0;
    this.#placeOf[room] = worker;
  }

  #shuffled(rooms: number[]): number[] {
    for (let last = rooms.length - 1; last > 0; last -= 1) {
      const other = Math.floor(this.#draw() * (last + 1));
      [rooms[last], rooms[other]] = [rooms[other] ?? 0, rooms[last] ?? 0];
    }
    return rooms;
  }
}

/** As barrage is: a room waits in the task queue of its platform, and the first worker with a free place has it. */
export const firstToAsk: Policy = (cluster) => cluster.drawWorker(() => true);

/** The same, where a worker asks for no more rooms while it is busy (Temporal's resource-based slots do that by CPU). */
export const firstIdleToAsk: Policy = (cluster) => cluster.drawWorker(({ load }) => load < BUSY * cluster.meanLoad);

/** Rendezvous hashing: everybody can say where a room belongs, and a worker that joins takes what is its own. */
export const byHash: Policy = (cluster, room) => {
  let best: PlacedWorker | undefined;
  let highest = -1;
  for (const worker of cluster.workers) {
    const score = mixSeed(worker.id, room);
    if (score > highest) [best, highest] = [worker, score];
  }
  if (best === undefined) throw new RangeError('there is no worker');
  return best;
};
