// Completes package-lock.json after `npm install` with the optional packages of other platforms.
// A registry that does not carry them leaves them out, and `npm ci` then refuses the lock file as out of step.
// With `--check` it only says what is missing.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const file = join(import.meta.dirname, '..', 'package-lock.json');
const lock = JSON.parse(readFileSync(file, 'utf8'));

const SYSTEMS = ['aix', 'android', 'darwin', 'freebsd', 'linux', 'netbsd', 'openbsd', 'openharmony', 'sunos', 'win32'];
const PROCESSORS = { aarch64: 'arm64', armv7: 'arm', riscv64: 'riscv64', wasm32: 'wasm32' };
for (const name of ['arm', 'arm64', 'ia32', 'loong64', 'mips64el', 'ppc64', 's390x', 'x64']) PROCESSORS[name] = name;

/** Node's own search: the nearest `node_modules` upwards from the package that asks. */
function isLocked(name, from) {
  for (let at = from; ; at = at.slice(0, Math.max(at.lastIndexOf('/node_modules/'), 0))) {
    if (lock.packages[`${at}${at && '/'}node_modules/${name}`]) return true;
    if (at === '') return false;
  }
}

const missing = {};
for (const [path, { optionalDependencies = {} }] of Object.entries(lock.packages)) {
  for (const [name, version] of Object.entries(optionalDependencies)) {
    if (isLocked(name, path)) continue;
    const words = name.split(/[/-]/);
    const os = words.filter((word) => SYSTEMS.includes(word));
    const cpu = words.flatMap((word) => (word in PROCESSORS ? [PROCESSORS[word]] : []));
    missing[`node_modules/${name}`] = {
      version: version.replace(/^[\^~]/, ''),
      ...(cpu.length > 0 && { cpu }),
      ...(lock.packages[path].dev && { dev: true }),
      optional: true,
      ...(os.length > 0 && { os }),
    };
  }
}

const names = Object.keys(missing);
if (process.argv.includes('--check')) {
  for (const name of names) console.error(`package-lock.json lacks ${name}; run node scripts/complete-lock.js`);
  process.exitCode = names.length > 0 ? 1 : 0;
} else if (names.length > 0) {
  const { '': root, ...packages } = lock.packages;
  const sorted = Object.entries({ ...packages, ...missing }).sort(([a], [b]) => a.localeCompare(b, 'en'));
  lock.packages = { '': root, ...Object.fromEntries(sorted) };
  writeFileSync(file, `${JSON.stringify(lock, null, 2)}\n`);
  console.log(`${names.length} added`);
}
