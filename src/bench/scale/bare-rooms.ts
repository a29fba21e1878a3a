import { fileURLToPath } from 'node:url';
import { ALLOCATOR, NODE_FLAGS } from '../../cli/worker-child.js';
import type { PartOptions } from '../part.js';
import { CountingProcess } from '../system/counting-process.js';
import { LoadedSystem, type Usage } from '../system/loaded-system.js';
import { BareCounts, type BareOrder } from './bare-order.js';

const PROGRAM = fileURLToPath(new URL('./bare-worker.js', import.meta.url));
const TASK_QUEUE = 'bare';
const STARTS_AT_ONCE = 20;
const READY_WITHIN_MS = 60_000;
const HELD_WITHIN_MS = 180_000;

/** What Temporal and its SDK take by themselves: workflows that do nothing but wait for an activity that does nothing but heartbeat. */
export class BareRooms {
  #started = 0;

  private constructor(
    private readonly surroundings: LoadedSystem,
    private readonly worker: CountingProcess<BareCounts>,
    private readonly signal: AbortSignal,
  ) {}

  /** With a worker for so many, and none yet. The engines are those of barrage; its own workers are not there. */
  static async start(rooms: number, options: PartOptions): Promise<BareRooms> {
    const surroundings = await LoadedSystem.start({ rooms: 1, workers: 0 }, options);
    const order: BareOrder = { address: surroundings.system.temporal.current.address, taskQueue: TASK_QUEUE, rooms };
    const asBarrages = { execArgv: [...NODE_FLAGS], env: { ...ALLOCATOR, ...options.env } };
    const worker = CountingProcess.start(PROGRAM, order, BareCounts, options.signal, asBarrages);
    const bare = new BareRooms(surroundings, worker, options.signal);
    try {
      if (await worker.until(({ isReady }) => isReady, READY_WITHIN_MS)) return bare;
      throw new Error('the bare worker did not start');
    } catch (error) {
      await bare.stop();
      throw error;
    }
  }

  /** Starts the first so many, and waits until their activities run. Gives the seconds. */
  async connect(upTo: number): Promise<number> {
    const startedAt = performance.now();
    const { workflow } = this.surroundings.system.client;
    while (this.#started < upTo) {
      this.signal.throwIfAborted();
      const many = Math.min(STARTS_AT_ONCE, upTo - this.#started);
      const ids = Array.from({ length: many }, (_, index) => `bare:${this.#started + index}`);
      await Promise.all(ids.map((workflowId) => workflow.start('bareRoom', { workflowId, taskQueue: TASK_QUEUE })));
      this.#started += many;
    }
    if (!(await this.worker.until(({ held }) => held >= upTo, HELD_WITHIN_MS)))
      throw new Error(`of ${upTo} bare rooms ${(await this.worker.counts()).held} run`);
    return (performance.now() - startedAt) / 1_000;
  }

  /** Of the bare worker in the place of barrage's. */
  async usage(): Promise<Usage> {
    return { ...(await this.surroundings.usage()), worker: await this.worker.usage() };
  }

  async stop(): Promise<void> {
    this.worker.stop();
    await this.surroundings.stop();
  }
}
