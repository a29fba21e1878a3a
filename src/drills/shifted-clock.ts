/** Loaded before a program: its clock is wrong by what a file says, and may jump while it runs. What measures durations stays right. */
import { readFileSync } from 'node:fs';
import { CLOCK_FILE } from './shifted-clock-place.js';

const LOOK_EVERY_MS = 50;

const file = process.env[CLOCK_FILE];
const RealDate = Date;
let shiftMs = 0;

function look(): void {
  try {
    shiftMs = Number(readFileSync(file ?? '', 'utf8')) || 0;
  } catch {
    // It is being written: the next look finds it.
  }
}

const now = (): number => RealDate.now() + shiftMs;

globalThis.Date = new Proxy(RealDate, {
  construct: (target, args: [] | [number]) => (args.length === 0 ? new target(now()) : new target(...args)),
  apply: () => new RealDate(now()).toString(),
  get: (target, name): unknown => (name === 'now' ? now : Reflect.get(target, name)),
});

if (file !== undefined) {
  look();
  setInterval(look, LOOK_EVERY_MS).unref();
}
