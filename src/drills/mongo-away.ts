import { setTimeout as sleep } from 'node:timers/promises';
import type { Drill } from './drill.js';
import { between } from '../simulator/random.js';
import { hasCaughtUp } from './caught-up.js';
import { noticed } from './undisturbed.js';

const LONGEST_AWAY_MS = 8_000;
/** One outage of ten is of minutes; the third, so that each run has one. */
const LONG_AWAY_MS = { least: 60_000, most: 90_000 };

export const mongoAway: Drill = {
  name: 'mongo-away',
  fault: 'MongoDB is stopped and killed mid-write by turns, and started again seconds later, or a minute',
  shows: 'no room loses its connection; the spool is drained after; what was written twice is stored once',
  faults: 4,
  recoverWithinMs: 60_000,
  begin: (system) => {
    let count = 0;
    return {
      async inject(draw) {
        count += 1;
        const { current } = system.mongo;
        if (count % 2 === 1) current.kill();
        else void current.stop();
        await current.exited;
        const isLong = count % 10 === 3;
        await sleep(isLong ? between(draw, LONG_AWAY_MS.least, LONG_AWAY_MS.most) : between(draw, 0, LONGEST_AWAY_MS));
        await system.mongo.startAgain();
        return { since: Date.now(), isOver: () => hasCaughtUp(system) };
      },
      verify: noticed,
    };
  },
};
