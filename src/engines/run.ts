import { execFile } from 'node:child_process';

export interface RunOptions {
  cwd?: string;
  env?: NodeJS.ProcessEnv;
  timeoutMs: number;
  signal?: AbortSignal | undefined;
}

/** Runs a program to its end and gives what it printed; rejects with its last words when it fails or takes too long. */
export const run = (program: string, args: readonly string[], options: RunOptions): Promise<string> =>
  new Promise((resolve, reject) => {
    const { cwd, env, timeoutMs, signal } = options;
    const limits = {
      timeout: timeoutMs,
      killSignal: 'SIGKILL' as const,
      maxBuffer: 16 * 1024 * 1024,
      windowsHide: true,
    };
    execFile(program, [...args], { ...limits, cwd, env, signal }, (error, stdout, stderr) => {
      if (!error) return resolve(stdout);
      const words = stderr.trim().split('\n').slice(-3).join(' ').slice(-500);
      reject(new Error(words || (error.killed ? `no end after ${timeoutMs / 1000} s` : error.message)));
    });
  });
