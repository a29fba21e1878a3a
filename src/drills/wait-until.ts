import { setTimeout as sleep } from 'node:timers/promises';

interface Patience {
  withinMs: number;
  /** How often to look. */
  everyMs: number;
  signal: AbortSignal;
}

/** Waits for a condition; false where it did not come true in time. Rejects when the signal aborts. */
export async function waitUntil(
  condition: () => boolean | Promise<boolean>,
  { withinMs, everyMs, signal }: Patience,
): Promise<boolean> {
  const deadline = performance.now() + withinMs;
  while (!(await condition())) {
    if (performance.now() > deadline) return false;
    await sleep(everyMs, undefined, { signal });
  }
  return true;
}
