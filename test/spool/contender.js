// A process that takes a folder's lock and gives it back, over and over, and tells each time that another one had it, too.
// It ends after `rounds` takings, or is killed, at times by itself while it has the lock.
import { readFile, writeFile } from 'node:fs/promises';
import { writeSync } from 'node:fs';
import process from 'node:process';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

const { lockFolder } = await import('../../dist/spool/folder-lock.js');

const [folder, rounds, deathRate] = [process.argv[2], Number(process.argv[3]), Number(process.argv[4])];
const note = join(folder, '..', 'inside'); // beside the folder
const log = { debug() {}, info() {}, warn: (_facts, message) => writeSync(1, `${message}\n`), error() {} };
const self = `${process.pid}`;

async function hold(lock) {
  await writeFile(note, self);
  await pause(Math.random() * 4);
  const found = await readFile(note, 'utf8');
  if (found !== self) writeSync(1, `intruder ${found}\n`);
  if (Math.random() < deathRate) process.kill(process.pid, 'SIGKILL');
  await lock.release();
}

const endAt = Date.now() + 60_000;
for (let taken = 0; taken < rounds && Date.now() < endAt;) {
  const lock = await lockFolder(folder, log).catch((error) => {
    if (error.code !== 'SPOOL_LOCKED') throw error;
  });
  if (lock) {
    await hold(lock);
    taken += 1;
  } else await pause(Math.random() * 2);
}
writeSync(1, 'done\n');
