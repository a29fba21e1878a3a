import { setTimeout as sleep } from 'node:timers/promises';
import { between } from '../simulator/random.js';
import { hasCaughtUp } from './caught-up.js';
import type { Drill } from './drill.js';
import { noticed } from './undisturbed.js';

const CUT_SHARE = 0.1;

export const mongoSlow: Drill = {
  name: 'mongo-slow',
  fault:
    'for some seconds every answer of MongoDB is late, and one write in ten is answered by a cut, after it was applied',
  shows: 'no room loses its connection; the spool is drained after; what was written twice is stored once',
  faults: 3,
  recoverWithinMs: 90_000,
  plan: { proxied: true },
  begin: (system) => ({
    async inject(draw) {
      system.proxy?.delayMs(between(draw, 20, 300));
      system.proxy?.cutAfterRequest(CUT_SHARE, between(draw, 1, 1_000_000));
      await sleep(between(draw, 5_000, 10_000));
      system.proxy?.restore();
      return { since: Date.now(), isOver: () => hasCaughtUp(system) };
    },
    verify: (outcome) => {
      const cuts = system.proxy?.counts.cuts ?? 0;
      const duplicates = outcome.records.batches.reduce((sum, batch) => sum + batch.duplicates, 0);
      outcome.note(
        `${cuts} writes were cut after they were applied, ${duplicates} events were there when they came again`,
      );
      return [
        ...noticed(outcome),
        ...(cuts === 0 ? ['no write was cut'] : []),
        ...(duplicates === 0 ? ['no duplicate was counted'] : []),
      ];
    },
  }),
};
