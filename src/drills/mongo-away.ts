import { setTimeout as sleep } from 'node:timers/promises';
import type { Drill } from './drill.js';
import { between } from '../simulator/random.js';
import { hasCaughtUp } from './caught-up.js';
import { noticed } from './undisturbed.js';

const LONGEST_AWAY_MS = 8_000;

export const mongoAway: Drill = {
  name: 'mongo-away',
  fault: 'MongoDB is stopped, or killed mid-write, and started again some seconds later',
  shows: 'no room loses its connection; the spool is drained after; what was written twice is stored once',
  faults: 4,
  recoverWithinMs: 60_000,
  begin: (system) => ({
    async inject(draw) {
      const { current } = system.mongo;
      if (draw() < 0.5) current.kill();
      else void current.stop();
      await current.exited;
      await sleep(between(draw, 0, LONGEST_AWAY_MS));
      await system.mongo.startAgain();
      return { since: Date.now(), isOver: () => hasCaughtUp(system) };
    },
    verify: noticed,
  }),
};
