import { afterEach, describe, expect, it, vi } from 'vitest';
import type { SimulatorInput } from '../../src/simulator/options.js';
import { FAULT_PRESET } from '../../src/simulator/options.js';
import { reconcile } from '../../src/simulator/reconcile.js';
import { startSimulator, type Simulator } from '../../src/simulator/simulator.js';
import { HOSTILE_FRAMES } from '../../src/simulator/hostile-frames.js';
import { MESSAGE_TYPES } from '../../src/simulator/messages/types.js';
import { Collector } from './collector.js';

let simulator: Simulator;
let collector: Collector;
afterEach(async () => {
  await collector.stop();
  await simulator.close();
});

async function begin(options: SimulatorInput, config: object = {}): Promise<void> {
  simulator = await startSimulator(options);
  collector = new Collector(simulator, config);
  const rooms = simulator.rooms.filter(({ bar }) => bar === undefined);
  for (const { face } of rooms) collector.collect(face.roomId);
  await vi.waitUntil(() => simulator.connections().length > rooms.length / 2, 10_000);
}

async function settle() {
  simulator.quiet();
  let before = -1;
  let looks = 0;
  await vi.waitUntil(
    () => {
      const now = collector.documents.size;
      looks = now === before ? looks + 1 : 0;
      before = now;
      return looks >= 3; // one look alone may fall into a moment in which nobody had the processor
    },
    { timeout: 30_000, interval: 700 },
  );
  const { documents, connections, gaps } = collector;
  return reconcile({ ledger: simulator.ledger, documents: documents.values(), connections, gaps });
}

describe('the ledger and barrage’s own client', () => {
  it.each(['ws', 'tcp'])('agree on every field of every kind, over %s', async (transport) => {
    await begin({ rooms: 4, rate: 600, maskedShare: 0.5 }, { transport });
    for (const { face } of simulator.rooms.slice(0, 4)) {
      for (const { cmd, isCopy, fate } of MESSAGE_TYPES) {
        if (fate === 'event' && !isCopy && !cmd.startsWith('('))
          for (let i = 0; i < 5; i++) simulator.emit(face.roomId, cmd);
      }
    }
    await vi.waitUntil(() => collector.documents.size > 2_000, 20_000);
    const result = await settle();
    expect(result.examples).toEqual([]);
    expect(result).toMatchObject({ lost: 0, duplicates: 0, mismatched: 0, invented: 0, stored: result.sent });
    expect(collector.undecodable).toEqual([]);
  });

  it('agree after every frame of the catalogue, each counted and its neighbours kept', async () => {
    await begin({ rooms: 1, rate: 50, idleCloseMs: 600_000 });
    for (const frame of HOSTILE_FRAMES) {
      await vi.waitUntil(() => simulator.connections().length > 0, 5_000);
      const [connection] = simulator.connections();
      simulator.faults.hostile(connection, frame);
    }
    const result = await settle();
    expect(result.examples).toEqual([]);
    expect(result).toMatchObject({ lost: 0, duplicates: 0, mismatched: 0, invented: 0 });
    expect(result.undecodable).toBeGreaterThanOrEqual(result.hostile);
  });

  it('agree through all faults at once, with every hole recorded', { timeout: 180_000 }, async () => {
    // No more at a time: blocked and refused all the while, a slow machine would have no connection left that the others could hit.
    const faults = Object.fromEntries(Object.entries(FAULT_PRESET).map(([name, rate]) => [name, rate * 3]));
    await begin(
      { rooms: 20, rate: 800, faults, idleCloseMs: 3_000 },
      { heartbeatMs: 500, readDeadlineMs: 1_200, blockedWaitMs: 1_000, riskControlWaitMs: 1_000, tokenTtlMs: 5_000 },
    );
    await vi.waitUntil(() => Math.min(...Object.values(simulator.stats().faults)) >= 2, 120_000);
    const result = await settle();
    expect(result.examples).toEqual([]);
    expect(result).toMatchObject({ lost: 0, duplicates: 0, mismatched: 0, invented: 0 });
  });
});
