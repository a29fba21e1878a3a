import { setTimeout as sleep } from 'node:timers/promises';
import { STREAM_HEARTBEAT_TIMEOUT_MS } from '../model/stream.js';
import type { Drill } from './drill.js';
import { between } from '../simulator/random.js';
import { hasCaughtUp } from './caught-up.js';
import { noticed } from './undisturbed.js';

const LONGEST_AWAY_MS = 8_000;
/** Every third time it is away for longer than the heartbeat timeout of a stream: when it is back it gives up every attempt that it knows. */
const LONG_AWAY_MS = STREAM_HEARTBEAT_TIMEOUT_MS + 5_000;
/** In which a second connection would be made. */
const WATCHED_MS = 10_000;

export const temporalAway: Drill = {
  name: 'temporal-away',
  fault: 'Temporal is stopped and killed by turns, and started again on the same database',
  shows: 'connections live on, and go on storing or spooling; no actor is lost, no room has a second connection',
  faults: 3,
  recoverWithinMs: 90_000,
  begin: (system) => {
    let count = 0;
    return {
      async inject(draw) {
        count += 1;
        const isLong = count % 3 === 0;
        const { current } = system.temporal;
        if (count % 2 === 1) current.kill();
        else void current.stop();
        await current.exited;
        await sleep(isLong ? LONG_AWAY_MS : between(draw, 0, LONGEST_AWAY_MS));
        await system.temporal.startAgain();
        const since = Date.now();
        if (isLong) await sleep(WATCHED_MS);
        return { since: isLong ? since + WATCHED_MS : since, isOver: () => hasCaughtUp(system) };
      },
      verify: noticed,
    };
  },
};
