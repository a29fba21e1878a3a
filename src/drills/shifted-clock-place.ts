/** The variable that names the file with the shift of the clock, in milliseconds. */
export const CLOCK_FILE = 'DRILL_CLOCK_FILE';

/** Loaded before the program, it moves the clock of a process. Built: a process of its own cannot run TypeScript. */
export const CLOCK_MODULE = new URL(
  import.meta.url.endsWith('.ts') ? '../../dist/drills/shifted-clock.js' : './shifted-clock.js',
  import.meta.url,
).href;
