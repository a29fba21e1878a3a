import { between, type Draw, pick } from '../simulator/random.js';
import type { Drill } from './drill.js';
import { attemptsTooMany, attemptsTooSoon, detectionTimes } from './reconnects.js';
import type { DrillSystem } from './system.js';

/** `readDeadlineMs` of the drills' workers, how often it is looked at, and the time to connect again. */
const DETECTED_WITHIN_MS = 5_000 + 1_000 + 2_000;

export const socketFaults: Drill = {
  name: 'socket',
  fault: 'drops, half-open silence, cuts in mid-frame, slow reads, refused authentication, endpoints that are down',
  shows:
    'silence is detected within the read deadline; attempts to connect keep to the policy, counted by the platform',
  faults: 20,
  pauseMs: 600,
  recoverWithinMs: 60_000,
  begin: (system) => ({
    inject: async (draw) => {
      pick(draw, KINDS)(system, draw);
      return { since: Date.now() };
    },
    verify: ({ load }) => {
      const { ledger } = system.simulator;
      const slowest = Math.max(0, ...detectionTimes(ledger, load.to));
      const tooSoon = attemptsTooSoon(ledger, load.to);
      return [
        ...(slowest > DETECTED_WITHIN_MS ? [`a silent connection was replaced only after ${slowest} ms`] : []),
        ...(tooSoon.length > 0 ? [`${tooSoon.length} attempts came sooner than the policy allows: ${tooSoon[0]}`] : []),
        ...attemptsTooMany(ledger, system.plan.rooms, load.to),
      ];
    },
  }),
};

const KINDS: readonly ((system: DrillSystem, draw: Draw) => void)[] = [
  ({ simulator }, draw) => repeat(between(draw, 1, 5), () => simulator.faults.drop()),
  ({ simulator }, draw) => repeat(between(draw, 1, 5), () => simulator.faults.close()),
  ({ simulator }, draw) => repeat(between(draw, 1, 3), () => simulator.faults.freeze()),
  ({ simulator }, draw) => repeat(between(draw, 1, 5), () => simulator.faults.sever()),
  ({ simulator }, draw) => repeat(between(draw, 1, 5), () => simulator.faults.cut()),
  ({ simulator }, draw) => repeat(between(draw, 1, 5), () => simulator.faults.slow()),
  ({ simulator }, draw) => {
    simulator.faults.rejectAuth(between(draw, 1, 6));
    simulator.faults.drop();
  },
  ({ simulator }, draw) => {
    simulator.faults.endpointDown();
    repeat(between(draw, 1, 5), () => simulator.faults.drop());
  },
  ({ simulator }) => {
    simulator.faults.expireTokens();
    simulator.faults.drop();
  },
];

function repeat(times: number, act: () => void): void {
  for (let count = 0; count < times; count += 1) act();
}
