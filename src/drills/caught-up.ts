import type { DrillSystem } from './system.js';

/** Whether the spools hold no more than a second's events, and every room is connected. */
export async function hasCaughtUp(system: DrillSystem): Promise<boolean> {
  const depth = (await system.sum('barrage_spool_depth')) ?? Infinity;
  return depth < system.plan.rate && system.isWhole();
}
