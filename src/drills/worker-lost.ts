import type { Drill } from './drill.js';

/** The heartbeat timeout of a stream, and the time to connect. */
const ELSEWHERE_WITHIN_MS = 35_000;

export const workerLost: Drill = {
  name: 'worker-lost',
  fault: 'kill -9 of one worker of two that is not started again; later its disk returns under a new process',
  shows: 'its rooms run elsewhere within the heartbeat timeout; what was in its spool is stored when the disk is back',
  faults: 1,
  recoverWithinMs: 90_000,
  plan: { workers: 2 },
  begin: (system) => {
    const returnDisk = async (): Promise<void> => {
      if (system.workers.length < 2) await system.startWorker(); // takes the spool that nobody has
    };
    return {
      async inject() {
        await returnDisk();
        const worker = await system.busiestWorker();
        const since = Date.now();
        await system.killWorker(worker);
        return { since };
      },
      restore: returnDisk,
      verify: ({ faults }) =>
        faults.flatMap(({ since, recoveredAt = Infinity }) =>
          recoveredAt - since > ELSEWHERE_WITHIN_MS
            ? [`its rooms ran elsewhere only after ${recoveredAt - since} ms`]
            : [],
        ),
    };
  },
};
