// Compiles src into dist and bundles the workflows, if anything changed since the last time.
// Says nothing on stdout: that belongs to the program which is run after it.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';

const root = resolve(import.meta.dirname, '..');
const dist = join(root, 'dist');
const stampFile = join(dist, '.build-stamp');
const bundler = join(dist, 'workers', 'build-bundle.js');
const bundle = join(dist, 'workflow-bundle.js');

const filesIn = (folder) =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath ?? entry.path, entry.name))
    .sort();

/** A hash over everything that the build reads. */
function stampOfInputs() {
  const hash = createHash('sha256');
  const settings = ['package-lock.json', 'tsconfig.json', 'tsconfig.build.json', 'scripts/build.js'];
  for (const file of [...settings.map((name) => join(root, name)), ...filesIn(join(root, 'src'))]) {
    hash.update(relative(root, file)).update('\0').update(readFileSync(file)).update('\0');
  }
  return `${process.version} ${hash.digest('hex')}`;
}

/** Output whose source is gone would hide a broken import. */
function removeOrphans() {
  for (const file of filesIn(dist)) {
    if (!/\.js(\.map)?$/.test(file) || file.startsWith(bundle)) continue;
    const source = join(root, 'src', relative(dist, file)).replace(/\.js(\.map)?$/, '.ts');
    if (!existsSync(source)) rmSync(file);
  }
}

function run(...args) {
  const { status, signal } = spawnSync(process.execPath, args, { cwd: root, stdio: ['ignore', 2, 2] });
  if (signal) process.kill(process.pid, signal);
  if (status !== 0) process.exit(status ?? 1);
}

const stamp = stampOfInputs();
const isFresh = existsSync(stampFile) && existsSync(bundle) && readFileSync(stampFile, 'utf8') === stamp;
if (!isFresh) {
  rmSync(stampFile, { force: true });
  run(join(root, 'node_modules', 'typescript', 'bin', 'tsc'), '-p', 'tsconfig.build.json');
  removeOrphans();
  run(bundler);
  writeFileSync(stampFile, stamp);
}
