import type { DrillOutcome } from './drill.js';

/** What must be so where a fault was none of the rooms' business: each had one connection, from beginning to end. */
export function noticed({ system, load }: DrillOutcome): string[] {
  const rooms = new Map<number, number>();
  for (const { roomId, openedAt } of system.simulator.ledger.connections) {
    if (openedAt <= load.to) rooms.set(roomId, (rooms.get(roomId) ?? 0) + 1);
  }
  const again = [...rooms.values()].reduce((sum, count) => sum + count - 1, 0);
  return again === 0 ? [] : [`rooms connected again ${again} times, though nothing was wrong with their connections`];
}
