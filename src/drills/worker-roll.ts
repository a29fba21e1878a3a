import { quantile } from '../simulator/latency.js';
import type { Ledger } from '../simulator/ledger.js';
import type { Drill } from './drill.js';

const HANDED_OVER_WITHIN_MS = 2_000;

export const workerRoll: Drill = {
  name: 'worker-roll',
  fault: 'SIGTERM of one worker of two; when it has ended, a new one is started',
  shows: 'its rooms go on at the other one: a gap of at most 2 s a room at the 95th percentile',
  faults: 5,
  recoverWithinMs: 60_000,
  plan: { workers: 2 },
  begin: (system) => ({
    async inject() {
      const worker = await system.busiestWorker();
      const since = Date.now();
      await system.stopWorker(worker);
      const isHandedOver = await system.until(() => system.isWhole(), HANDED_OVER_WITHIN_MS * 5);
      const handedOverAt = Date.now();
      await system.startWorker();
      return isHandedOver ? { since: Date.now() - (handedOverAt - since) } : { since };
    },
    verify: ({ load }) => {
      const gaps = handovers(system.simulator.ledger, load);
      const p95 = quantile(gaps, 0.95) ?? Infinity;
      return p95 > HANDED_OVER_WITHIN_MS ? [`the gap of a handover is ${p95} ms at the 95th percentile`] : [];
    },
  }),
};

/** How long each room was without a connection, whenever one was closed in good order. */
export function handovers({ connections }: Ledger, load: { from: number; to: number }): number[] {
  return connections.flatMap(({ number, roomId, authenticatedAt, closedAt, closedBy }) => {
    if (authenticatedAt === undefined || closedBy !== 'client') return [];
    if (closedAt === undefined || closedAt < load.from || closedAt > load.to) return [];
    const next = connections.find((one) => one.number > number && one.roomId === roomId && one.authenticatedAt);
    return [Math.max(0, (next?.authenticatedAt ?? Infinity) - closedAt)];
  });
}
