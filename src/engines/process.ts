import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, mkdirSync, openSync } from 'node:fs';
import { copyFile, readFile, stat, truncate } from 'node:fs/promises';
import { Socket } from 'node:net';
import { platform } from 'node:os';
import { dirname } from 'node:path';
import type { EngineExit } from './engine.js';

const STOP_WITHIN_MS = 10_000;
const LOG_LOOK_EVERY_MS = 60_000;
const LOG_MAX_BYTES = 32 * 1024 * 1024;

/**
 * Ends the engine when the process that started it is gone, even by SIGKILL: its standard input is a pipe whose other end only we hold. Shell built-ins
 * only, so that nothing of it stays behind. Windows has no shell for it: there an engine outlives a parent that was killed.
 */
const WATCHDOG = `
while read -r _; do :; done
kill -TERM "$1" 2>/dev/null
i=0; while [ $i -lt 25 ] && kill -0 "$1" 2>/dev/null; do sleep 0.2; i=$((i+1)); done
kill -KILL "$1" 2>/dev/null`;

/** What an engine gets of our environment; `TEMPORAL_*` would change its defaults, and secrets are none of its business. */
const PASSED_ON = [
  'PATH',
  'HOME',
  'TMPDIR',
  'TEMP',
  'TMP',
  'SystemRoot',
  'USERPROFILE',
  'LOCALAPPDATA',
  'APPDATA',
  'GOGC',
  'GOMEMLIMIT',
];

/**
 * For Temporal and FerretDB, which are Go programs with a small heap that they fill again and again: left to itself, Go collects at each doubling, which was a
 * quarter of FerretDB's work and a fourteenth of Temporal's.
 */
const GO_COLLECTOR = { GOGC: '300', GOMEMLIMIT: '2GiB' };

export interface ProcessOptions {
  program: string;
  args: readonly string[];
  env: NodeJS.ProcessEnv;
  /** Standard output and error go here, appended; at 32 MiB it becomes `<logFile>.1` and begins anew. */
  logFile: string;
}

/** A server process in a group of its own, so that Ctrl-C in a terminal reaches us first and we end it when we are done with it. */
export class EngineProcess {
  readonly pid: number;
  readonly exited: Promise<EngineExit>;
  #child: ChildProcess;
  #ended = false;

  private constructor(child: ChildProcess, pid: number, onExit: () => void) {
    this.#child = child;
    this.pid = pid;
    this.exited = new Promise((resolve) => {
      child.once('exit', (code, signal) => {
        this.#ended = true;
        onExit();
        resolve({ code, signal });
      });
    });
    child.unref();
  }

  /** Resolves when the process runs, long before it serves; rejects when the program cannot be run. */
  static async start({ program, args, env, logFile }: ProcessOptions): Promise<EngineProcess> {
    mkdirSync(dirname(logFile), { recursive: true });
    const log = openSync(logFile, 'a', 0o600);
    const passedOn = Object.fromEntries(PASSED_ON.flatMap((name) => (env[name] ? [[name, env[name]]] : [])));
    const child = spawn(program, args, {
      detached: true,
      stdio: ['ignore', log, log],
      env: { ...GO_COLLECTOR, ...passedOn },
      windowsHide: true,
    });
    closeSync(log);
    await once(child, 'spawn');
    if (child.pid === undefined) throw new Error(`${program} has no process id`);
    const letGo = watch(child.pid, passedOn);
    const keepShort = setInterval(() => void limit(logFile), LOG_LOOK_EVERY_MS).unref();
    return new EngineProcess(child, child.pid, () => {
      letGo();
      clearInterval(keepShort);
    });
  }

  get isRunning(): boolean {
    return !this.#ended;
  }

  async stop(): Promise<void> {
    if (this.#ended) return;
    this.#child.ref();
    this.#child.kill('SIGTERM');
    const late = setTimeout(() => this.kill(), STOP_WITHIN_MS);
    await this.exited;
    clearTimeout(late);
  }

  kill(): void {
    if (!this.#ended) this.#child.kill('SIGKILL');
  }
}

/** Sets the watchdog on a process; gives what calls it off. */
function watch(pid: number, env: NodeJS.ProcessEnv): () => void {
  if (platform() === 'win32') return () => undefined;
  const dog = spawn('/bin/sh', ['-c', WATCHDOG, 'barrage-watchdog', String(pid)], {
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
    env,
  });
  dog.on('error', () => undefined);
  dog.unref();
  // A pipe's handle keeps the process alive unless it, too, is let go.
  if (dog.stdin instanceof Socket) dog.stdin.unref();
  return () => dog.kill('SIGKILL');
}

/** The engine holds the file open for appending, so it is emptied in place. */
async function limit(logFile: string): Promise<void> {
  try {
    if ((await stat(logFile)).size <= LOG_MAX_BYTES) return;
    await copyFile(logFile, `${logFile}.1`);
    await truncate(logFile);
  } catch {
    // A log that cannot be kept short must not end the engine; the disk's own alarm tells.
  }
}

/** The last lines of a log that were written after its first `fromByte` bytes, for an error message; empty when there are none. */
export async function lastWords(logFile: string, fromByte: number): Promise<string> {
  const bytes = await readFile(logFile).catch(() => Buffer.alloc(0));
  return bytes.subarray(fromByte).toString('utf8').trimEnd().split('\n').slice(-5).join('\n').slice(-2_000);
}
