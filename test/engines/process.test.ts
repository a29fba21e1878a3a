import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ModuleKind, transpileModule } from 'typescript';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { EngineProcess } from '../../src/engines/process.js';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'barrage-process-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const isAlive = (pid: number): boolean => {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
};
const shell = (script: string, env: NodeJS.ProcessEnv = {}): Promise<EngineProcess> =>
  EngineProcess.start({ program: '/bin/sh', args: ['-c', script], env, logFile: join(folder, 'engine.log') });

describe('EngineProcess', () => {
  it('ends the engine after its parent was killed', async () => {
    const source = await readFile(new URL('../../src/engines/process.ts', import.meta.url), 'utf8');
    await writeFile(
      join(folder, 'process.mjs'),
      transpileModule(source, { compilerOptions: { module: ModuleKind.ESNext, target: 99 } }).outputText,
    );
    await writeFile(
      join(folder, 'parent.mjs'),
      `import { EngineProcess } from './process.mjs';
       const engine = await EngineProcess.start({ program: '/bin/sleep', args: ['600'], env: {}, logFile: ${JSON.stringify(join(folder, 'engine.log'))} });
       console.log(engine.pid);
       setInterval(() => undefined, 1_000);`,
    );
    const parent = spawn(process.execPath, [join(folder, 'parent.mjs')], { stdio: ['ignore', 'pipe', 'inherit'] });
    const [chunk] = await once(parent.stdout, 'data');
    const pid = Number(String(chunk));
    expect(isAlive(pid)).toBe(true);
    parent.kill('SIGKILL');
    await expect.poll(() => isAlive(pid), { timeout: 10_000 }).toBe(false);
  });

  it('stops by force what does not stop when asked', { timeout: 20_000 }, async () => {
    const engine = await shell(`trap '' TERM; while :; do sleep 0.1; done`);
    await engine.stop();
    await expect(engine.exited).resolves.toEqual({ code: null, signal: 'SIGKILL' });
    expect(isAlive(engine.pid)).toBe(false);
  });

  it('passes on nothing of the environment that is not needed to run', async () => {
    const engine = await shell('env', { PATH: process.env['PATH'], TEMPORAL_ADDRESS: 'elsewhere', SESSDATA: 'canary' });
    await engine.exited;
    const seen = await readFile(join(folder, 'engine.log'), 'utf8');
    expect(seen).toContain('PATH=');
    expect(seen).not.toMatch(/TEMPORAL_ADDRESS|canary/);
  });

  it('rejects when the program cannot be run', async () => {
    const start = EngineProcess.start({
      program: join(folder, 'absent'),
      args: [],
      env: {},
      logFile: join(folder, 'engine.log'),
    });
    await expect(start).rejects.toThrow('ENOENT');
  });
});
