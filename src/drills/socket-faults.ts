import { between, type Draw, pick } from '../simulator/random.js';
import type { Drill } from './drill.js';
import { attemptsTooMany, attemptsTooSoon, detectionTimes, refusedTooOften } from './reconnects.js';
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
  begin: (system) => {
    let left: Kind[] = [];
    return {
      inject: async (draw) => {
        if (left.length === 0) left = [...KINDS];
        const kind = pick(draw, left);
        left = left.filter((one) => one !== kind);
        kind(system, draw);
        return { since: Date.now() };
      },
      verify: ({ load, faults }) => {
        const { ledger } = system.simulator;
        const detected = detectionTimes(ledger, load.to);
        const slowest = Math.max(0, ...detected);
        const tooSoon = attemptsTooSoon(ledger, load.to);
        const hadAll = faults.length >= KINDS.length;
        return [
          ...(hadAll && detected.length === 0 ? ['no connection fell silent'] : []),
          ...(slowest > DETECTED_WITHIN_MS ? [`a silent connection was replaced only after ${slowest} ms`] : []),
          ...(tooSoon.length > 0
            ? [`${tooSoon.length} attempts came sooner than the policy allows: ${tooSoon[0]}`]
            : []),
          ...attemptsTooMany(ledger, system.plan.rooms, load.to),
          ...refusedTooOften(ledger, load.to),
        ];
      },
    };
  },
};

type Kind = (system: DrillSystem, draw: Draw) => void;

/** Each has its turn, in an order from the seed. */
const KINDS: readonly Kind[] = [
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
