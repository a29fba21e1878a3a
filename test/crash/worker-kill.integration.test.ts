import { setTimeout as sleep } from 'node:timers/promises';
import { describe, it } from 'vitest';
import type { Drill } from '../../src/drills/drill.js';
import { workerKill } from '../../src/drills/worker-kill.js';
import { drilled } from './drilled.js';

const LONG = { timeout: 120_000 };

/** Few requests a second: most rooms wait for their turn with the platform, in their attempt to connect. */
const killedWhileConnecting: Drill = {
  ...workerKill,
  name: 'worker-kill-while-connecting',
  recoverWithinMs: 10_000, // much less than the heartbeat timeout, which would do it otherwise
  plan: { settings: { 'platforms.bilibili.requestsPerSecond': 4, 'platforms.bilibili.requestBurst': 4 } },
  begin: (system) => ({
    async inject() {
      const [worker] = system.workers;
      if (worker) await system.killWorker(worker);
      const first = await system.startWorker(); // has no tokens of the platform, so its rooms ask for them one by one
      await system.until(() => system.connectedRooms().size >= 2, 20_000);
      await sleep(200);
      await system.killWorker(first);
      await system.startWorker();
      return { since: Date.now() };
    },
  }),
};

describe('a worker', () => {
  it('that is killed mid-stream and started again connects its rooms within 5 s, and loses nothing', LONG, async () => {
    await drilled(workerKill);
  });

  it(
    'that is killed while its rooms are still connecting does not leave them to the heartbeat timeout',
    LONG,
    async () => {
      await drilled(killedWhileConnecting);
    },
  );
});
