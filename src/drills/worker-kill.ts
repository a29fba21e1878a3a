import { setTimeout as sleep } from 'node:timers/promises';
import type { Drill } from './drill.js';
import { between, pick } from '../simulator/random.js';

/** From the moment at which the new process is ready, in milliseconds: how long a process takes to load is the machine's business. */
const RECONNECTED_WITHIN_MS = 5_000;
const LONGEST_AWAY_MS = 1_500;

export const workerKill: Drill = {
  name: 'worker-kill',
  fault: 'kill -9 of a worker mid-stream, which is started again',
  shows: 'every room is connected again within 5 s of the restart: task tokens are handed over, the spool is intact',
  faults: 5,
  recoverWithinMs: 60_000,
  begin: (system) => ({
    async inject(draw) {
      await system.killWorker(pick(draw, system.workers));
      await sleep(between(draw, 0, LONGEST_AWAY_MS));
      await system.startWorker();
      return { since: Date.now() };
    },
    verify: ({ faults }) =>
      faults.flatMap(({ since, recoveredAt = Infinity }) =>
        recoveredAt - since > RECONNECTED_WITHIN_MS
          ? [`the rooms were connected only ${recoveredAt - since} ms after the restart`]
          : [],
      ),
  }),
};
