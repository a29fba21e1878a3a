import { describe, it } from 'vitest';
import type { Drill } from '../../src/drills/drill.js';
import { workerRoll } from '../../src/drills/worker-roll.js';
import { drilled } from './drilled.js';

const LONG = { timeout: 120_000 };

/** Which rooms each worker holds is nobody's setting. */
const sharedByTwo: Drill = {
  ...workerRoll,
  name: 'two-workers',
  begin: (system) => ({
    inject: async () => ({ since: Date.now() }),
    verify: ({ records, load }) => {
      const holders = new Set(records.connections.map(({ workerId }) => workerId));
      const again = system.simulator.ledger.connections.filter(
        ({ openedAt }) => openedAt > load.from && openedAt < load.to,
      );
      return [
        ...(holders.size === 2 ? [] : [`the rooms were held by ${holders.size} workers`]),
        ...(again.length === 0 ? [] : [`${again.length} connections were made anew`]),
      ];
    },
  }),
};

describe('a worker', () => {
  it('that is stopped hands its rooms to the other one within 2 s', LONG, async () => {
    await drilled(workerRoll);
  });

  it('shares the rooms with a second one on the same machine, without any setting', LONG, async () => {
    await drilled(sharedByTwo);
  });
});
