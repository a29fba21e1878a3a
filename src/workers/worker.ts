import type { ConnectionOptions } from '@temporalio/client';
import type { WorkflowBundleOption } from '@temporalio/worker';
import { BarrageError } from '../model/errors.js';
import type { Logger } from '../model/log.js';
import { type Assembly, assemble, type Foundation } from './assemble.js';
import type { BarrageConfig } from './config.js';
import { connectTemporal } from './connect.js';
import { ensureIngest, ensureSchedule } from './control.js';
import { failLeftovers } from './recovery.js';
import { abortable } from '../model/abortable.js';
import { claimSpool } from './spool-claim.js';

export interface WorkerProcessOptions {
  config: BarrageConfig;
  /** How to reach Temporal: address, TLS, API key. */
  temporal: ConnectionOptions;
  namespace: string;
  log: Logger;
  /** Where the SDK serves its metrics, from `installRuntime`. */
  sdkMetricsUrl: string | undefined;
  /** The workflows' code; default: what the build left, or a bundle made anew. */
  workflowBundle?: WorkflowBundleOption;
}

/** How often the worker sees to it that its `ingest` and the Schedule are there: somebody may have ended them by mistake. */
const KEEP_UP_EVERY_MS = 60_000;
const KEEP_UP_RETRY_MS = 2_000;
/** What a stop takes beside storing what was accepted: goodbyes, and the last records of each connection. */
const GOODBYES_MS = 15_000;

/** Everything one worker process runs, and how it stops. */
export class WorkerProcess {
  /** Settles when everything has ended; rejects where it could not go on. */
  readonly done: Promise<void>;
  readonly #parts: Assembly;
  readonly #options: WorkerProcessOptions;
  #stopping: Promise<void> | undefined;
  #keepingUp: NodeJS.Timeout | undefined;
  /** Aborts where a stop takes too long: a disk that hangs, say, would keep the process for ever. */
  readonly #overdue = new AbortController();
  #deadline: NodeJS.Timeout | undefined;

  private constructor(parts: Assembly, options: WorkerProcessOptions) {
    this.#parts = parts;
    this.#options = options;
    this.done = this.#run();
  }

  get workerId(): string {
    return this.#parts.spool.workerId;
  }

  /** Where `/metrics` and `/healthz` are. */
  get monitorUrl(): string {
    return this.#parts.monitor.url;
  }

  /** Throws a `BarrageError` that says what is missing. */
  static async start(options: WorkerProcessOptions): Promise<WorkerProcess> {
    const closing: Foundation['closing'] = [];
    try {
      const temporal = await connectTemporal(options.temporal, options.namespace);
      closing.unshift(() => temporal.close());
      const { spool, folder } = await claimSpool(options.config.spool, options.log);
      closing.unshift(() => spool.close());
      return new WorkerProcess(await assemble(options, { temporal, spool, folder, closing }), options);
    } catch (error) {
      for (const close of closing) await close();
      throw error;
    }
  }

  /** Closes the connections, stores what was accepted as far as there is time, and releases everything. Resolves when `done` has settled. */
  stop(): Promise<void> {
    this.#stopping ??= this.#shutDown().catch((error: unknown) => {
      this.#options.log.error({ err: error }, 'the stop was not clean');
    });
    return this.#stopping;
  }

  async #run(): Promise<void> {
    const { workers, leftovers, running, temporal, closing } = this.#parts;
    const all = [workers.common, workers.own, ...workers.streams];
    const runs = all.map((worker) => worker.run());
    void failLeftovers(temporal.client, leftovers.taskTokens, this.#options.log, (token) => running.drop(token));
    void this.#keepUp();
    const { signal } = this.#overdue;
    try {
      await abortable(Promise.all(runs), signal);
    } finally {
      this.#stopping ??= this.#shutDown();
      await abortable(Promise.allSettled([...runs, this.#stopping]), signal).catch(() => undefined); // thrown above, or something worse is
      clearTimeout(this.#deadline);
      for (const close of closing) await close();
    }
  }

  /** The sockets first, so that nothing more comes; then what is in the spool; then the workflows. */
  async #shutDown(): Promise<void> {
    const { workers, registry, drainer, finishing } = this.#parts;
    clearTimeout(this.#keepingUp);
    const withinMs = this.#options.config.worker.shutdownTimeoutMs + GOODBYES_MS;
    this.#deadline = setTimeout(() => {
      this.#overdue.abort(new BarrageError('SPOOL_FAILED', `The worker did not stop within ${withinMs / 1_000} s.`));
    }, withinMs);
    await Promise.all(workers.streams.map(ended));
    await registry.close();
    finishing.abort();
    await ended(workers.own);
    await drainer.close();
    await ended(workers.common);
  }

  async #keepUp(): Promise<void> {
    const { temporal, spool, prepareStore } = this.#parts;
    const { config, log } = this.#options;
    let nextMs = KEEP_UP_EVERY_MS;
    try {
      await ensureIngest(temporal.client, spool.workerId);
      if (await ensureSchedule(temporal.client, config.discovery)) log.info({}, 'made the Schedule of discovery');
      await prepareStore();
    } catch (error) {
      nextMs = KEEP_UP_RETRY_MS;
      log.warn(
        { reason: error instanceof Error ? error.message : 'unknown' },
        'Temporal or MongoDB does not answer; trying again',
      );
    }
    if (this.#stopping === undefined) this.#keepingUp = setTimeout(() => void this.#keepUp(), nextMs);
  }
}

/** Shuts a Temporal worker down and resolves when its activities have ended. */
async function ended(worker: Assembly['workers']['own']): Promise<void> {
  if (worker.getState() === 'RUNNING') worker.shutdown();
  while (worker.getState() !== 'STOPPED' && worker.getState() !== 'FAILED') {
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
