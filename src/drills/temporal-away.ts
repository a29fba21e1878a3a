import { setTimeout as sleep } from 'node:timers/promises';
import type { Drill } from './drill.js';
import { between } from '../simulator/random.js';
import { hasCaughtUp } from './caught-up.js';
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
      await sleep(between(draw, 0, LONGEST_AWAY_MS));
      await system.temporal.startAgain();
      return { since: Date.now(), isOver: () => hasCaughtUp(system) };
    },
    verify: noticed,
  }),
};
