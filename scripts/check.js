// Runs every part of `npm run check`, as many at a time as there are cores, and reports all that fail.
import { spawn } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { readFileSync } from 'node:fs';

const root = join(import.meta.dirname, '..');
const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));

/** The longest first, so that it does not run alone at the end. */
const slowest = ['check:lint', 'check:types', 'check:format'];
const parts = Object.keys(scripts)
  .filter((name) => name.startsWith('check:'))
  .sort((a, b) => (slowest.indexOf(a) + 1 || 9) - (slowest.indexOf(b) + 1 || 9));

/** The part's exit code; its output is held back, so that parts do not mix. */
async function run(name) {
  const startedAt = performance.now();
  const path = `${join(root, 'node_modules', '.bin')}:${process.env.PATH}`;
  const child = spawn(scripts[name], {
    cwd: root,
    shell: true,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, PATH: path },
  });
  const output = [];
  child.stdout.on('data', (chunk) => output.push(chunk));
  child.stderr.on('data', (chunk) => output.push(chunk));
  const code = await new Promise((done) => child.once('close', (status) => done(status ?? 1)));
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
  if (code !== 0) console.log(Buffer.concat(output).toString().trim());
  console.log(`${code === 0 ? 'ok    ' : 'FAILED'} ${name} (${seconds} s)`);
  return code;
}

const queue = [...parts];
const failed = [];
await Promise.all(
  Array.from({ length: Math.min(availableParallelism(), queue.length) }, async () => {
    for (let name = queue.shift(); name; name = queue.shift()) if ((await run(name)) !== 0) failed.push(name);
  }),
);
if (failed.length > 0) console.log(`Run the failed parts alone: ${failed.map((name) => `npm run ${name}`).join(', ')}`);
process.exitCode = failed.length > 0 ? 1 : 0;
