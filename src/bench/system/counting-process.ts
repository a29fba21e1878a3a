import { type ChildProcess, fork, type ForkOptions, type Serializable } from 'node:child_process';
import { once } from 'node:events';
import type { z } from 'zod';
import { waitUntil } from '../../drills/wait-until.js';
import { abortable } from '../../model/abortable.js';
import { withDeadline } from '../../platforms/deadline.js';
import { type ProcessUsage, usageOf } from './process-usage.js';

const QUESTION = 'counts';
const ANSWER_WITHIN_MS = 60_000;
const LOOK_EVERY_MS = 100;

/** A program of a benchmark as a process of its own: it takes one order, and tells its counts when it is asked. It ends when this process lets go of it. */
export class CountingProcess<Counts> {
  /** Rejects when the process has ended, whatever the reason. */
  readonly #gone: Promise<never>;

  private constructor(
    private readonly child: ChildProcess,
    private readonly schema: z.ZodType<Counts>,
    private readonly signal: AbortSignal,
  ) {
    this.#gone = new Promise((_, reject) => {
      child.once('error', reject);
      child.once('exit', () => reject(new Error('a process of the benchmark has ended too early')));
    });
    this.#gone.catch(() => undefined);
  }

  /** `program`: the path of its file, which calls `takeOrder`; `settings`: flags and environment of the process. */
  static start<Counts>(
    program: string,
    order: Serializable,
    schema: z.ZodType<Counts>,
    signal: AbortSignal,
    settings: Pick<ForkOptions, 'execArgv' | 'env'> = {},
  ): CountingProcess<Counts> {
    const child = fork(program, { ...settings, stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
    const started = new CountingProcess(child, schema, signal);
    child.send(order);
    return started;
  }

  /** Throws where the process has ended, or does not answer within a minute. */
  async counts(): Promise<Counts> {
    const answered: Promise<unknown[]> = once(this.child, 'message');
    this.child.send(QUESTION);
    const [answer] = await withDeadline(ANSWER_WITHIN_MS, this.signal, (signal) =>
      abortable(Promise.race([answered, this.#gone]), signal),
    );
    return this.schema.parse(answer);
  }

  /** Waits for a condition; false where it did not come true in time. */
  async until(condition: (counts: Counts) => boolean, withinMs: number): Promise<boolean> {
    const holds = async (): Promise<boolean> => condition(await this.counts());
    return waitUntil(holds, { withinMs, everyMs: LOOK_EVERY_MS, signal: this.signal });
  }

  async usage(): Promise<ProcessUsage> {
    if (this.child.pid === undefined) throw new Error('the process could not be started');
    return usageOf(this.child.pid);
  }

  /** Resolves when it has ended. */
  async stop(): Promise<void> {
    this.child.kill('SIGKILL');
    await this.#gone.catch(() => undefined);
  }
}

/** The other side of it: `run` gets the order, and keeps `counts` up to date. */
export function takeOrder<Order>(schema: z.ZodType<Order>, counts: object, run: (order: Order) => void): void {
  process.on('message', (message) => {
    if (message === QUESTION) process.send?.(counts);
    else run(schema.parse(message));
  });
  process.on('disconnect', () => process.exit());
}
