import { fileURLToPath } from 'node:url';
import { NODE_FLAGS, WORKER_ENVIRONMENT } from '../../cli/worker-child.js';
import { bundleWorkflows } from '../../workers/bundle.js';
import type { PartOptions } from '../part.js';
import { CountingProcess } from '../system/counting-process.js';
import { LoadedSystem, type Usage } from '../system/loaded-system.js';
import { startRooms } from '../system/start-rooms.js';
import { BareCounts, type BareOrder } from './bare-order.js';

const PROGRAM = fileURLToPath(new URL('./bare-worker.js', import.meta.url));
const WORKFLOWS = fileURLToPath(new URL('./bare-room.js', import.meta.url));
const TASK_QUEUE = 'bare';
const CALL_WITHIN_MS = 60_000;
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
    const { code } = await bundleWorkflows(WORKFLOWS);
    const surroundings = await LoadedSystem.start({ rooms: 1, workers: 0 }, options);
    let worker: CountingProcess<BareCounts> | undefined;
    try {
      const { address } = surroundings.system.temporal.current;
      const order: BareOrder = { address, taskQueue: TASK_QUEUE, rooms, code };
      const settings = { execArgv: [...NODE_FLAGS], env: { ...WORKER_ENVIRONMENT, ...options.env } };
      worker = CountingProcess.start(PROGRAM, order, BareCounts, options.signal, settings);
      if (!(await worker.until(({ isReady }) => isReady, READY_WITHIN_MS)))
        throw new Error('the bare worker did not start');
      return new BareRooms(surroundings, worker, options.signal);
    } catch (error) {
      await worker?.stop();
      await surroundings.stop();
      throw error;
    }
  }

  /** Starts the first so many, and waits until their activities run. Gives the seconds. */
  async connect(upTo: number): Promise<number> {
    const startedAt = performance.now();
    const ids = Array.from({ length: upTo - this.#started }, (_, index) => `bare:${this.#started + index}`);
    await startRooms(ids, (workflowId) => this.#startRoom(workflowId), this.signal);
    this.#started = upTo;
    if (!(await this.worker.until(({ held }) => held >= upTo, HELD_WITHIN_MS)))
      throw new Error(`of ${upTo} bare rooms ${(await this.worker.counts()).held} run`);
    return (performance.now() - startedAt) / 1_000;
  }

  /** Of the bare worker in the place of barrage's. */
  async usage(): Promise<Usage> {
    return { ...(await this.surroundings.usage()), worker: await this.worker.usage() };
  }

  async stop(): Promise<void> {
    await this.worker.stop();
    await this.surroundings.stop();
  }

  async #startRoom(workflowId: string): Promise<void> {
    const { client } = this.surroundings.system;
    await client.withDeadline(Date.now() + CALL_WITHIN_MS, () =>
      client.workflow.start('bareRoom', { workflowId, taskQueue: TASK_QUEUE }),
    );
  }
}
