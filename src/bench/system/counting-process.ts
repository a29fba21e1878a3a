import { type ChildProcess, fork, type ForkOptions, type Serializable } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import type { z } from 'zod';
import { withDeadline } from '../../platforms/deadline.js';
import { type ProcessUsage, usageOf } from './process-usage.js';

const QUESTION = 'counts';
const ANSWER_WITHIN_MS = 60_000;
const LOOK_EVERY_MS = 100;

/** A program of a benchmark as a process of its own: it takes one order, and tells its counts when it is asked. It ends when this process lets go of it. */
export class CountingProcess<Counts> {
  private constructor(
    private readonly child: ChildProcess,
    private readonly schema: z.ZodType<Counts>,
    private readonly signal: AbortSignal,
  ) {}

  /** `program`: the path of its file, which calls `takeOrders`; `as`: flags and environment of the process. */
  static start<Counts>(
    program: string,
    order: Serializable,
    schema: z.ZodType<Counts>,
    signal: AbortSignal,
    as: Pick<ForkOptions, 'execArgv' | 'env'> = {},
  ): CountingProcess<Counts> {
    const child = fork(program, { ...as, stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
    child.send(order);
    return new CountingProcess(child, schema, signal);
  }

  async counts(): Promise<Counts> {
    const [answer] = await withDeadline(ANSWER_WITHIN_MS, this.signal, (signal) => {
      const answered: Promise<unknown[]> = once(this.child, 'message', { signal });
      this.child.send(QUESTION);
      return answered;
    });
    return this.schema.parse(answer);
  }

  /** Waits for a condition; false where it did not come true in time. */
  async until(condition: (counts: Counts) => boolean, withinMs: number): Promise<boolean> {
    const deadline = performance.now() + withinMs;
    while (!condition(await this.counts())) {
      if (performance.now() > deadline) return false;
      await sleep(LOOK_EVERY_MS, undefined, { signal: this.signal });
    }
    return true;
  }

  async usage(): Promise<ProcessUsage> {
    if (this.child.pid === undefined) throw new Error('the process could not be started');
    return usageOf(this.child.pid);
  }

  stop(): void {
    this.child.kill('SIGKILL');
  }
}

/** The other side of it: `run` gets the order, and keeps `counts` up to date. */
export function takeOrders<Order>(schema: z.ZodType<Order>, counts: object, run: (order: Order) => void): void {
  process.on('message', (message) => {
    if (message === QUESTION) process.send?.(counts);
    else run(schema.parse(message));
  });
  process.on('disconnect', () => process.exit());
}
