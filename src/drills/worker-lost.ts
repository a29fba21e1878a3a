import { STREAM_HEARTBEAT_TIMEOUT_MS } from '../model/stream.js';
import type { Drill } from './drill.js';

/** In which a spool has events that are not stored. */
const FILLS_WITHIN_MS = 10_000;
const LEAST_SPOOLED = 100;

/** The heartbeat timeout of a stream, and the time to connect. */
const ELSEWHERE_WITHIN_MS = STREAM_HEARTBEAT_TIMEOUT_MS + 5_000;

export const workerLost: Drill = {
  name: 'worker-lost',
  fault: 'kill -9 of one worker of two that is not started again; later its disk returns under a new process',
  shows: 'its rooms run elsewhere within the heartbeat timeout; what was in its spool is stored when the disk is back',
  faults: 1,
  recoverWithinMs: 120_000,
  plan: { workers: 2, proxied: true },
  begin: (system) => {
    const complaints: string[] = [];
    const returnDisk = async (): Promise<void> => {
      if (system.workers.length < 2) await system.startWorker(); // takes the spool that nobody has
    };
    return {
      async inject() {
        await returnDisk();
        const worker = await system.busiestWorker();
        const holdsEvents = async (): Promise<boolean> =>
          ((await system.figureOf(worker, 'barrage_spool_depth')) ?? 0) >= LEAST_SPOOLED;
        system.proxy?.refuse();
        const isFilled = await system.until(holdsEvents, FILLS_WITHIN_MS);
        if (!isFilled) complaints.push('the spool that was lost held nothing');
        const since = Date.now();
        await system.killWorker(worker);
        system.proxy?.restore();
        return { since };
      },
      restore: returnDisk,
      verify: ({ faults }) => [
        ...complaints,
        ...faults.flatMap(({ since, recoveredAt = Infinity }) =>
          recoveredAt - since > ELSEWHERE_WITHIN_MS
            ? [`its rooms ran elsewhere only after ${recoveredAt - since} ms`]
            : [],
        ),
      ],
    };
  },
};
