import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { onTestFinished, vi } from 'vitest';
import { z } from 'zod';

const CHILD = join(import.meta.dirname, 'child.js');

const Line = z.union([
  z.object({ from: z.int(), ids: z.array(z.string()) }),
  z.object({ first: z.int(), stored: z.array(z.string()) }),
  z.object({ opened: z.int(), workerId: z.string() }),
  z.object({ refused: z.string(), code: z.string() }),
  z.object({ levels: z.array(z.string()) }),
]);
export type Line = z.output<typeof Line>;

/** A process that uses the spool in `folder` (see child.js), and what it told. It runs what was built: `npm test` builds first. */
export function startChild(folder: string, mode: string, run = '0', wrapper: readonly string[] = []) {
  // Into a file: what was told before a SIGKILL is there after it.
  const told = `${folder}.${run}.told`;
  const output = openSync(told, 'w');
  const [command = process.execPath, ...args] = [...wrapper, process.execPath, CHILD, folder, mode, run];
  const child = spawn(command, args, { stdio: ['ignore', output, 'pipe'] });
  closeSync(output); // the child has its own
  let complaint = '';
  child.stderr?.on('data', (chunk: Buffer) => (complaint += chunk.toString()));
  const ended = once(child, 'close');
  onTestFinished(() => void child.kill('SIGKILL'));
  const written = () => readFileSync(told, 'utf8').split('\n').slice(0, -1); // the last one may be half a line
  const lines = (): Line[] => written().map((line) => Line.parse(JSON.parse(line)));
  const untilLines = async (count: number) => {
    await vi.waitUntil(() => written().length >= count || child.exitCode !== null, { timeout: 30_000, interval: 5 });
    if (written().length < count) throw new Error(`The process ended too early: ${complaint}`);
  };
  /** Resolves with the signal that ended it. */
  const kill = async (): Promise<NodeJS.Signals | null> => {
    child.kill('SIGKILL');
    await ended;
    return child.signalCode;
  };
  return { pid: child.pid, lines, untilLines, kill, ended, complaint: () => complaint };
}
