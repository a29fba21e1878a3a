import type { Drill } from './drill.js';
import { RequestWatch } from './request-watch.js';

const BUDGET = { requestsPerSecond: 50, burst: 100 };
const BLOCKED_MS = 60_000;

export const storm: Drill = {
  name: 'storm',
  fault: 'every socket dropped at once, all tokens invalid, and the interfaces answer −412 for a minute',
  shows: 'requests keep to the budget; all rooms come back; no circuit stays open',
  faults: 1,
  recoverWithinMs: 240_000,
  plan: {
    rooms: 500,
    settings: {
      'platforms.bilibili.requestsPerSecond': BUDGET.requestsPerSecond,
      'platforms.bilibili.requestBurst': BUDGET.burst,
      'platforms.bilibili.blockedWaitMs': 5_000,
      'worker.progressEveryMs': 300_000, // as by default: with the other drills' ten seconds, so many rooms would keep Temporal busy by themselves
    },
  },
  begin: (system) => {
    const watch = new RequestWatch(system.simulator);
    let circuits = 0;
    return {
      inject: async () => {
        const { faults } = system.simulator;
        faults.expireTokens();
        faults.block(BLOCKED_MS);
        faults.dropAll();
        return { since: Date.now() + BLOCKED_MS };
      },
      verify: async ({ note }) => {
        note(`circuits opened: ${circuits}`);
        return watch.beyond(BUDGET);
      },
      restore: async () => {
        circuits = (await system.sum('barrage_circuit_opened_total')) ?? 0;
      },
      dispose: async () => watch.stop(),
    };
  },
};
