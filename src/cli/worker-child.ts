import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { lastWords } from '../engines/process.js';
import { abortable } from '../model/abortable.js';
import { BarrageError, type ErrorCode, ERRORS } from '../model/errors.js';
import type { Running } from './kept.js';
import { LogFile } from './log-file.js';

/** Built: a process of its own cannot run TypeScript. */
const PROGRAM = fileURLToPath(
  new URL(import.meta.url.endsWith('.ts') ? '../../dist/cli/main.js' : './main.js', import.meta.url),
);
/** Most of what a worker makes lives for milliseconds: with twice the usual space for that, V8 collects half as often. */
export const NODE_FLAGS: readonly string[] = ['--max-semi-space-size=32'];
/** The C library's memory in one piece instead of one for each thread: Temporal's core has a dozen, and each would keep free what another one needs. Only glibc reads it. */
export const WORKER_ENVIRONMENT: NodeJS.ProcessEnv = { MALLOC_ARENA_MAX: '1' };
const READY_WITHIN_MS = 120_000;
/** Beyond the worker's own time for a clean stop. */
const STOP_GRACE_MS = 10_000;
const DEFAULT_STOP_MS = 20_000;

const isErrorCode = (code: string): code is ErrorCode => code in ERRORS;

/** What `barrage worker --json` says on stdout. */
const Ready = z.object({ ready: z.object({ workerId: z.string(), monitorUrl: z.string(), spool: z.string() }) });
const Failed = z.object({ error: z.object({ code: z.string().refine(isErrorCode), message: z.string() }) });
const StopTime = z.object({ worker: z.object({ shutdownTimeoutMs: z.number() }) });

export interface WorkerChildOptions {
  /** Nested, as in a configuration file. It goes over standard input: neither a disk nor `ps` sees what is secret in it. */
  settings: Readonly<Record<string, unknown>>;
  env: NodeJS.ProcessEnv;
  /** Whether Temporal's own variables and profile file are the worker's, too; false where we run the server. */
  usesTemporalProfile: boolean;
  logFile: string;
  signal: AbortSignal;
}

/** `barrage worker` as a process of its own. It stops by itself when this process is gone. */
export class WorkerChild implements Running {
  readonly exited: Running['exited'];
  readonly #log: LogFile;
  #ready: z.output<typeof Ready>['ready'] | undefined;
  #failure: BarrageError | undefined;
  #hasEnded = false;

  private constructor(
    private readonly child: ChildProcess,
    private readonly options: WorkerChildOptions,
  ) {
    this.#log = new LogFile(options.logFile);
    child.stderr?.on('data', (chunk: Buffer) => this.#log.write(chunk));
    this.exited = new Promise((resolve) => {
      child.once('error', () => resolve({ code: 1, signal: null })); // there was no process to begin with
      child.once('close', (code, signal) => resolve({ code, signal }));
    });
    void this.exited.then(() => {
      this.#hasEnded = true;
      this.#log.close();
    });
  }

  /** Resolves when it is ready to work. Throws what the worker itself said, or `ENGINE_FAILED` with the end of its log. */
  static async start(options: WorkerChildOptions): Promise<WorkerChild> {
    options.signal.throwIfAborted();
    const child = spawn(process.execPath, [...NODE_FLAGS, PROGRAM, 'worker', '--config', '-', '--json'], {
      detached: true, // Ctrl-C in a terminal reaches us first, and we end it
      stdio: ['pipe', 'pipe', 'pipe', 'ipc'],
      env: environmentOf(options),
      windowsHide: true,
    });
    const worker = new WorkerChild(child, options);
    const logStart = worker.#log.bytes;
    child.stdin?.on('error', () => undefined); // it ended before it read; its end is told below
    child.stdin?.end(JSON.stringify(options.settings));
    try {
      await worker.#untilReady(logStart);
      return worker;
    } catch (error) {
      worker.kill();
      await worker.exited;
      options.signal.throwIfAborted();
      throw error;
    }
  }

  get pid(): number | undefined {
    return this.child.pid;
  }

  get workerId(): string {
    return this.#ready?.workerId ?? '';
  }

  get monitorUrl(): string {
    return this.#ready?.monitorUrl ?? '';
  }

  /** Asks it to end: it closes its connections and stores what it accepted. By force when that takes too long. */
  async stop(): Promise<void> {
    if (this.#hasEnded) return;
    const ownMs = StopTime.safeParse(this.options.settings).data?.worker.shutdownTimeoutMs ?? DEFAULT_STOP_MS;
    const late = setTimeout(() => this.kill(), ownMs + STOP_GRACE_MS);
    this.child.kill('SIGTERM');
    await this.exited;
    clearTimeout(late);
  }

  kill(): void {
    if (!this.#hasEnded) this.child.kill('SIGKILL');
  }

  async #untilReady(logStart: number): Promise<void> {
    const { signal, logFile } = this.options;
    const { stdout } = this.child;
    if (!stdout) throw new BarrageError('ENGINE_FAILED', 'A worker has no standard output.');
    const lines = createInterface({ input: stdout });
    const ready = new Promise<'ready'>((resolve) => {
      lines.on('line', (line) => {
        this.#hear(line);
        if (this.#ready) resolve('ready');
      });
    });
    const late = AbortSignal.timeout(READY_WITHIN_MS);
    const first = abortable(Promise.race([ready, this.exited]), signal);
    if ((await abortable(first, late).catch(() => 'late')) === 'ready') return;
    signal.throwIfAborted();
    if (this.#failure) throw this.#failure;
    const words = await lastWords(logFile, logStart);
    throw new BarrageError('ENGINE_FAILED', `A worker did not get ready. The end of ${logFile}:\n${words}`);
  }

  #hear(line: string): void {
    let value: unknown;
    try {
      value = JSON.parse(line);
    } catch {
      return; // nothing of ours
    }
    this.#ready ??= Ready.safeParse(value).data?.ready;
    const failed = Failed.safeParse(value).data?.error;
    if (failed) this.#failure = new BarrageError(failed.code, failed.message);
  }
}

/** Its settings come over standard input, whole: what our own environment sets is in them already. */
function environmentOf({ env, usesTemporalProfile, logFile }: WorkerChildOptions): NodeJS.ProcessEnv {
  const kept = Object.entries(env).filter(
    ([name]) =>
      !name.startsWith('BARRAGE_') && name !== 'MONGODB_URI' && (usesTemporalProfile || !name.startsWith('TEMPORAL_')),
  );
  // A profile file that is not there is none; one that is empty makes the SDK's reader fail.
  return {
    ...WORKER_ENVIRONMENT,
    ...Object.fromEntries(kept),
    ...(!usesTemporalProfile && { TEMPORAL_CONFIG_FILE: `${logFile}.no-profile` }),
  };
}
