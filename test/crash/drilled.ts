import { expect } from 'vitest';
import type { Drill } from '../../src/drills/drill.js';
import { runDrill, type DrillOptions, type DrillResult } from '../../src/drills/run-drill.js';

/** Runs a drill, small, and expects what all of them promise: every event that was accepted is stored once, and every hole is written down. */
export async function drilled(drill: Drill, options: Partial<DrillOptions> = {}): Promise<DrillResult> {
  const result = await runDrill(drill, {
    seed: 1,
    faults: 1,
    rooms: 10,
    rate: 200,
    env: process.env,
    report: () => undefined,
    signal: new AbortController().signal,
    ...options,
  });
  expect(result.complaints).toEqual([]);
  expect(result).toMatchObject({ lost: 0, duplicated: 0, mismatched: 0, unrecordedGapMs: 0, falseGapMs: 0 });
  expect(result.sent).toBeGreaterThan(200);
  return result;
}
