import { type ChildProcess, spawn } from 'node:child_process';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** What `npm run build` leaves; `npm test` builds first. */
const PROGRAM = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));

/** A run of `barrage` as a process of its own, with an environment that holds nothing of this machine's. */
export class BarrageRun {
  stdout = '';
  stderr = '';
  readonly child: ChildProcess;
  /** The exit code; a signal's name where one ended it. */
  readonly ended: Promise<number | string>;

  constructor(args: readonly string[], env: NodeJS.ProcessEnv = {}) {
    this.child = spawn(process.execPath, [PROGRAM, ...args], {
      cwd: tmpdir(),
      env: {
        PATH: process.env['PATH'],
        HOME: process.env['HOME'],
        GOPROXY: process.env['GOPROXY'],
        TEMPORAL_CONFIG_FILE: join(tmpdir(), 'no-such-profile.toml'),
        ...env,
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.child.stdout?.on('data', (chunk: Buffer) => (this.stdout += chunk.toString()));
    this.child.stderr?.on('data', (chunk: Buffer) => (this.stderr += chunk.toString()));
    this.ended = new Promise((resolve) =>
      this.child.once('close', (code, signal) => resolve(code ?? signal ?? 'none')),
    );
  }

  /** The last line of stdout, which is JSON with `--json`. */
  get lastJson(): unknown {
    return JSON.parse(this.stdout.trimEnd().split('\n').at(-1) ?? '');
  }

  signal(name: 'SIGINT' | 'SIGTERM' | 'SIGKILL'): void {
    this.child.kill(name);
  }
}

/** Runs a command line to its end. */
export async function runBarrage(
  args: readonly string[],
  env: NodeJS.ProcessEnv = {},
): Promise<{ code: number | string; stdout: string; stderr: string; lastJson: () => unknown }> {
  const run = new BarrageRun(args, env);
  const code = await run.ended;
  return { code, stdout: run.stdout, stderr: run.stderr, lastJson: () => run.lastJson };
}
