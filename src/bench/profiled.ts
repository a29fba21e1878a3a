/**
 * Loaded before a program, and so before each Node process that it starts: writes a CPU profile into a folder when the process ends. Node's own
 * `--cpu-prof` may not be in `NODE_OPTIONS`, which is what children inherit. The folder is in the query of this file's address.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { Session } from 'node:inspector';
import { basename, join } from 'node:path';
import { isMainThread } from 'node:worker_threads';

const folder = new URL(import.meta.url).searchParams.get('folder');
const SAMPLE_EVERY_US = 500;

if (folder !== null && isMainThread) {
  const session = new Session();
  session.connect();
  session.post('Profiler.enable');
  session.post('Profiler.setSamplingInterval', { interval: SAMPLE_EVERY_US });
  session.post('Profiler.start');
  process.once('exit', () => {
    session.post('Profiler.stop', (error, result) => {
      if (error !== null) return;
      mkdirSync(folder, { recursive: true });
      writeFileSync(join(folder, `${roleOf(process.argv)}-${process.pid}.cpuprofile`), JSON.stringify(result.profile));
    });
  });
}

/** What the process is: its program and, where that has several roles, the first word of its command line: `main-worker`. */
function roleOf([, program = 'node', role = '']: readonly string[]): string {
  const name = basename(program).replace(/\.[cm]?js$/, '');
  return /^[a-z][a-z-]*$/.test(role) ? `${name}-${role}` : name;
}
