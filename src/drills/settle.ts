import type { DrillSystem } from './system.js';

/** A connection that is slow on purpose gets its last piece within this. */
const ON_THE_WAY_MS = 3_000;
/** Nothing new for so long counts as silence. */
const SILENCE_MS = 1_000;
const WHOLE_WITHIN_MS = 90_000;
const DRAINED_WITHIN_MS = 90_000;

/**
 * Ends the load, waits until what was sent has come through, ends every room as an operator would, and then the workers.
 * Gives in words what did not come to rest.
 */
export async function settle(system: DrillSystem): Promise<string[]> {
  const complaints: string[] = [];
  const { simulator } = system;
  simulator.quiet();
  if (!(await system.until(() => system.isWhole(), WHOLE_WITHIN_MS))) {
    const missing = system.roomIds.length - system.connectedRooms().size;
    complaints.push(`${missing} rooms were not connected ${WHOLE_WITHIN_MS / 1000} s after the last fault`);
  }
  if (!(await comesToRest(system))) complaints.push('the spools did not empty');
  complaints.push(...summary(await system.endRooms()));
  if (!(await system.until(() => isDrained(system), DRAINED_WITHIN_MS))) {
    complaints.push('the spools did not empty after the rooms had ended');
  }
  await system.stopWorkers();
  return complaints;
}

/** The first of many alike says what there is. */
const summary = (complaints: readonly string[]): string[] =>
  complaints.length <= 3
    ? [...complaints]
    : [...complaints.slice(0, 2), `and ${complaints.length - 2} more of the kind`];

/** Whether, in time, nothing came any more and everything was stored. */
async function comesToRest(system: DrillSystem): Promise<boolean> {
  const stoppedAt = performance.now();
  let before: number | undefined;
  let changedAt = stoppedAt;
  return system.until(async () => {
    const accepted = await system.sum('barrage_events_accepted_total');
    const now = performance.now();
    if (accepted === undefined || accepted !== before) changedAt = now;
    before = accepted;
    const isQuiet = now - changedAt >= SILENCE_MS && now - stoppedAt >= ON_THE_WAY_MS;
    return isQuiet && (await isDrained(system));
  }, DRAINED_WITHIN_MS);
}

const isDrained = async (system: DrillSystem): Promise<boolean> => (await system.sum('barrage_spool_depth')) === 0;
