// Holds file names to the house rules, and keeps the lock file free of any one registry's address.
import { readFileSync, readdirSync } from 'node:fs';
import { basename, join } from 'node:path';

const root = join(import.meta.dirname, '..');
const problems = [];

for (const folder of ['src', 'test', 'scripts']) {
  for (const entry of readdirSync(join(root, folder), { recursive: true })) {
    if (!/\.(ts|js)$/.test(entry) || /_pb\.ts$/.test(entry)) continue;
    const path = `${folder}/${entry}`;
    const name = basename(entry).replace(/(\.[a-z]+)+$/, '');
    if (!/^[a-z0-9]+(-[a-z0-9]+)*$/.test(name)) problems.push(`${path}: file names are kebab-case`);
    if (/^(utils?|helpers?|common|shared|misc)$/.test(name)) problems.push(`${path}: name the noun it is about`);
  }
}

const lock = readFileSync(join(root, 'package-lock.json'), 'utf8');
if (/"resolved": "http/.test(lock)) {
  problems.push('package-lock.json: names a registry; run npm install with omit-lockfile-registry-resolved=true');
}

for (const problem of problems) console.error(problem);
process.exitCode = problems.length > 0 ? 1 : 0;
