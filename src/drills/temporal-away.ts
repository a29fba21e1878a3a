import type { Drill } from './drill.js';
import { between } from '../simulator/random.js';
import { noticed } from './undisturbed.js';

const LONGEST_AWAY_MS = 8_000;

export const temporalAway: Drill = {
  name: 'temporal-away',
  fault: 'Temporal is stopped or killed, and started again on the same database',
  shows: 'connections live on, and go on storing or spooling; no actor is lost, no room has a second connection',
  faults: 3,
  recoverWithinMs: 90_000,
  begin: (system) => ({
    async inject(draw) {
      const { current } = system.temporal;
      if (draw() < 0.5) current.kill();
      else void current.stop();
      await current.exited;
      await new Promise((resolve) => setTimeout(resolve, between(draw, 0, LONGEST_AWAY_MS)));
      await system.temporal.startAgain();
      const since = Date.now();
      const isOver = async (): Promise<boolean> =>
        ((await system.sum('barrage_spool_depth')) ?? Infinity) < system.plan.rate && system.isWhole();
      return { since, isOver };
    },
    verify: noticed,
  }),
};
