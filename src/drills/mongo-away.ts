import type { Drill } from './drill.js';
import { between } from '../simulator/random.js';
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
      await new Promise((resolve) => setTimeout(resolve, between(draw, 0, LONGEST_AWAY_MS)));
      await system.mongo.startAgain();
      const since = Date.now();
      const isOver = async (): Promise<boolean> =>
        ((await system.sum('barrage_spool_depth')) ?? Infinity) < system.plan.rate && system.isWhole();
      return { since, isOver };
    },
    verify: noticed,
  }),
};
