import { setTimeout as sleep } from 'node:timers/promises';
import { between, pick } from '../simulator/random.js';
import type { Drill } from './drill.js';
import { p99LagMs } from './lag.js';

const TIMES = 20;
const HOT_MS = 6_000;
/** So much is noise on a machine that does other things, too, in milliseconds. */
const NOISE_MS = 250;

export const hotRoom: Drill = {
  name: 'hot-room',
  fault: 'one room suddenly has twenty times its traffic',
  shows: 'the p99 of sent → stored in the other rooms stays within twice what it was',
  faults: 3,
  recoverWithinMs: 60_000,
  begin: (system) => {
    const hot: { roomId: string; from: number; to: number }[] = [];
    return {
      async inject(draw) {
        await sleep(between(draw, 1_000, 3_000)); // calm, to compare with
        const room = system.simulator.room(pick(draw, system.roomIds.slice(0, 5)));
        const from = Date.now();
        room.boost = TIMES;
        await sleep(HOT_MS);
        room.boost = 1;
        hot.push({ roomId: String(room.face.roomId), from, to: Date.now() });
        return { since: Date.now() };
      },
      verify: async () => {
        const isHot = (at: number): boolean => hot.some(({ from, to }) => at >= from && at <= to);
        const ids = new Set(hot.map(({ roomId }) => roomId));
        const others = await p99LagMs(
          system,
          ({ roomId, receivedAt }) => !ids.has(roomId) && isHot(Number(receivedAt)),
        );
        const before = await p99LagMs(
          system,
          ({ roomId, receivedAt }) => !ids.has(roomId) && !isHot(Number(receivedAt)),
        );
        if (others === undefined || before === undefined) return ['there is nothing to compare'];
        if (others <= Math.max(2 * before, NOISE_MS)) return [];
        return [`the p99 lag of the other rooms rose from ${Math.round(before)} to ${Math.round(others)} ms`];
      },
    };
  },
};
