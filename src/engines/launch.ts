import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { BarrageError } from '../model/errors.js';
import { wordsOf, type Binary } from './binary.js';
import { openDataFolder, type DataFolder } from './data-folder.js';
import type { Engine, EngineOptions } from './engine.js';
import { withLock } from './lock.js';
import { freePorts, isFree } from './ports.js';
import { EngineProcess, lastWords } from './process.js';

/** Two engines of ours on two busy cores need some seconds; a minute without an answer is a failure. */
const SERVES_WITHIN_MS = 60_000;
const ASK_EVERY_MS = 100;
const PORT_ATTEMPTS = 3;

/** What differs between the engines, once their binary is there. */
export interface LaunchPlan {
  /** Of the lock, process id and log files: `temporal` or `mongo`. */
  id: string;
  binary: Binary;
  /** Ports the caller wants, 0 for any that is free. */
  ports: readonly number[];
  args(folder: string, ports: readonly number[]): Promise<readonly string[]> | readonly string[];
  /** Environment of the server; what our own says goes first. */
  env?: Readonly<Record<string, string>>;
  /** Resolves when the server answers as its clients need it; rejects, within some seconds, while it does not. */
  ask(ports: readonly number[]): Promise<void>;
  describe(ports: readonly number[]): Pick<Engine, 'address' | 'uiUrl'>;
}

/** Starts a server on its data and waits until it serves. Throws `ENGINE_FAILED` with the end of its log when it does not. */
export async function launch(plan: LaunchPlan, options: EngineOptions, signal: AbortSignal): Promise<Engine> {
  const folder = await openDataFolder(plan.id, options.dataDir);
  const logFile = options.logFile ?? join(folder.path, `${plan.id}.log`);
  try {
    const onWait = (): void => options.report(`another process starts on ${folder.path}; waiting for it`);
    return await withLock(join(folder.path, `${plan.id}.lock`), signal, onWait, async () => {
      await folder.waitUntilFree(signal);
      for (const port of plan.ports) await mustBeFree(port);
      return startOnPorts(plan, folder, logFile, options, signal);
    });
  } catch (error) {
    await folder.release();
    throw error;
  }
}

/** Whoever listens there would answer in place of ours, which would end a moment later. */
async function mustBeFree(port: number): Promise<void> {
  if (port !== 0 && !(await isFree(port)))
    throw new BarrageError('ENGINE_FAILED', `Port ${port} of 127.0.0.1 is in use by another program.`);
}

/** A free port may be taken by somebody else before the server listens on it; then others are tried, unless the caller named it. */
async function startOnPorts(
  plan: LaunchPlan,
  folder: DataFolder,
  logFile: string,
  options: EngineOptions,
  signal: AbortSignal,
): Promise<Engine> {
  const { program, env } = { program: plan.binary.path, env: options.settings.env };
  for (let attempt = 1; ; attempt += 1) {
    const free = await freePorts(plan.ports.length);
    const ports = plan.ports.map((wanted, at) => wanted || (free[at] ?? 0));
    const logStart = await stat(logFile).then(
      (stats) => stats.size,
      () => 0,
    );
    const args = await plan.args(folder.path, ports);
    const process = await EngineProcess.start({ program, args, env: { ...plan.env, ...env }, logFile });
    await folder.taken(process.pid);
    try {
      await untilItServes(plan, ports, process, signal);
      return engineOf(plan, ports, process, folder, logFile);
    } catch (error) {
      process.kill();
      await process.exited;
      signal.throwIfAborted();
      const log = await lastWords(logFile, logStart);
      const again = attempt < PORT_ATTEMPTS && plan.ports.includes(0) && /in use|can't set/i.test(log);
      if (again) continue;
      const { name, version } = plan.binary;
      const end = log ? `The end of ${logFile}:\n${log}` : `It wrote nothing to ${logFile}.`;
      throw new BarrageError('ENGINE_FAILED', `${name} ${version} ${wordsOf(error)}. ${end}`);
    }
  }
}

async function untilItServes(
  plan: LaunchPlan,
  ports: readonly number[],
  process: EngineProcess,
  signal: AbortSignal,
): Promise<void> {
  const until = Date.now() + SERVES_WITHIN_MS;
  for (;;) {
    signal.throwIfAborted();
    if (!process.isRunning) {
      const { code, signal: by } = await process.exited;
      throw new Error(`ended before it served (${by ?? `exit code ${code}`})`);
    }
    const asked = plan.ask(ports).then(() => undefined, wordsOf);
    const reason = await Promise.race([asked, process.exited.then(() => 'it ended')]);
    if (reason === undefined && process.isRunning) return;
    if (Date.now() > until)
      throw new Error(`did not serve within ${SERVES_WITHIN_MS / 1000} s (${reason ?? 'no answer'})`);
    await sleep(ASK_EVERY_MS, undefined, { signal });
  }
}

function engineOf(
  plan: LaunchPlan,
  ports: readonly number[],
  process: EngineProcess,
  folder: DataFolder,
  logFile: string,
): Engine {
  const { name, version, how } = plan.binary;
  return {
    name,
    version,
    how,
    logFile,
    ...plan.describe(ports),
    pid: process.pid,
    exited: process.exited,
    async stop() {
      await process.stop();
      await folder.release();
    },
    kill: () => process.kill(),
  };
}
