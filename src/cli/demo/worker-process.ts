import { join } from 'node:path';
import type { z } from 'zod';
import { BarrageError } from '../../model/errors.js';
import { lastWords } from '../../engines/process.js';
import type { BarrageConfig } from '../../workers/config.js';
import { MetricsPage } from '../metrics-page.js';
import { WorkerChild } from '../worker-child.js';

const METRICS_WITHIN_MS = 3_000;

/** The demo's worker: a process of its own, as it would be anywhere, that ends with this one whatever happens to it. */
export class DemoWorker {
  #end: string | undefined;

  private constructor(
    private readonly child: WorkerChild,
    private readonly logFile: string,
  ) {
    void child.exited.then(({ code, signal }) => (this.#end = signal ?? `exit code ${code}`));
  }

  /** Resolves when it is ready; its log is in the folder. Throws `ENGINE_FAILED` with the end of that log. */
  static async start(
    folder: string,
    settings: z.input<typeof BarrageConfig>,
    env: NodeJS.ProcessEnv,
    signal: AbortSignal,
  ): Promise<DemoWorker> {
    const logFile = join(folder, 'worker.log');
    const child = await WorkerChild.start({ settings, env, usesTemporalProfile: false, logFile, signal });
    return new DemoWorker(child, logFile);
  }

  /** Undefined where it does not answer soon. */
  async metrics(): Promise<MetricsPage | undefined> {
    const signal = AbortSignal.timeout(METRICS_WITHIN_MS);
    return fetch(`${this.child.monitorUrl}/metrics`, { signal }).then(
      async (response) => new MetricsPage(await response.text()),
      () => undefined,
    );
  }

  /** Throws `ENGINE_FAILED` with the end of its log if it has ended. */
  async mustRun(): Promise<void> {
    if (this.#end === undefined) return;
    const words = await lastWords(this.logFile, 0);
    throw new BarrageError('ENGINE_FAILED', `The worker ended (${this.#end}). The end of its log:\n${words}`);
  }

  /** Ends it cleanly, by force where that takes too long. */
  stop(): Promise<void> {
    return this.child.stop();
  }

  kill(): void {
    this.child.kill();
  }
}
