import { setTimeout as sleep } from 'node:timers/promises';
import { between, pick } from '../simulator/random.js';
import type { Drill } from './drill.js';
import { p99LagMs } from './lag.js';

const TIMES = 20;
const HOT_MS = 6_000;
/** What is left of the burst before is stored by then. */
const SETTLED_AFTER_MS = 1_000;
/** So much is noise on a machine that does other things, too, in milliseconds. */
const NOISE_MS = 250;

export const hotRoom: Drill = {
  name: 'hot-room',
  fault: 'one room suddenly has twenty times its traffic',
  shows: 'the p99 of sent → stored in the other rooms stays within twice what it was before, or within 250 ms',
  faults: 3,
  recoverWithinMs: 60_000,
  begin: (system) => {
    const hot: { roomId: string; from: number; to: number }[] = [];
    const calm: { from: number; to: number }[] = [];
    return {
      async inject(draw) {
        await sleep(SETTLED_AFTER_MS);
        const calmFrom = Date.now();
        await sleep(between(draw, 2_000, 4_000)); // to compare with
        calm.push({ from: calmFrom, to: Date.now() });
        const room = system.simulator.room(pick(draw, system.roomIds.slice(0, 5)));
        const from = Date.now();
        room.boost = TIMES;
        await sleep(HOT_MS);
        room.boost = 1;
        hot.push({ roomId: String(room.face.roomId), from, to: Date.now() });
        return { since: Date.now() };
      },
      verify: async ({ note }) => {
        const isIn = (times: readonly { from: number; to: number }[], at: Date): boolean =>
          times.some(({ from, to }) => at.getTime() >= from && at.getTime() <= to);
        const ids = new Set(hot.map(({ roomId }) => roomId));
        const others = await p99LagMs(system, ({ roomId, receivedAt }) => !ids.has(roomId) && isIn(hot, receivedAt));
        const before = await p99LagMs(system, ({ roomId, receivedAt }) => !ids.has(roomId) && isIn(calm, receivedAt));
        if (others === undefined || before === undefined) return ['there is nothing to compare'];
        note(
          `p99 lag of the other rooms: ${Math.round(before)} ms in calm, ${Math.round(others)} ms beside the hot one`,
        );
        if (others <= Math.max(2 * before, NOISE_MS)) return [];
        return [`the p99 lag of the other rooms rose from ${Math.round(before)} to ${Math.round(others)} ms`];
      },
    };
  },
};
