import { afterEach, describe, expect, it, vi } from 'vitest';
import { startSimulator, type Simulator } from '../../src/simulator/simulator.js';
import { MESSAGE_TYPES } from '../../src/simulator/messages/types.js';
import { RawClient } from './raw-client.js';

let simulator: Simulator;
afterEach(async () => simulator.close());

describe('the messages of a room', () => {
  it.each([0, 2, 3])('all arrive, as the ledger has them, with protover %i', async (protover) => {
    simulator = await startSimulator({ rooms: 1, rate: 400, cadence: 'smooth', nestedShare: 0.2 });
    const roomId = simulator.rooms[0]?.face.roomId ?? 0;
    const client = await RawClient.join(simulator.url, roomId, protover);
    await vi.waitUntil(() => client.messages.length > 200, 10_000);
    simulator.traffic.stop();
    const sent = [...simulator.ledger.entries()].map(({ n }) => simulator.ledger.textOf(n));
    await vi.waitFor(() => expect(client.texts().length).toBe(sent.length), 5_000);
    expect(client.texts()).toEqual(sent);
    client.close();
  });

  it('are JSON with their cmd, in every kind', async () => {
    simulator = await startSimulator({ rooms: 1, rate: 0 });
    const room = simulator.rooms[0];
    if (!room) throw new Error('no room');
    for (const [code, type] of MESSAGE_TYPES.entries()) {
      if (type.cmd.startsWith('(')) continue;
      for (let repeat = 0; repeat < 50; repeat++) {
        const n = simulator.ledger.add(code, room.face, Date.now());
        const parsed: unknown = JSON.parse(simulator.ledger.textOf(n));
        expect(parsed).toMatchObject({ cmd: expect.stringContaining(type.cmd) });
        if (type.fate === 'event') expect(simulator.ledger.expected(n).length).toBeGreaterThan(0);
      }
    }
  });

  it('have the sizes that were captured', async () => {
    simulator = await startSimulator({ rooms: 1, rate: 0 });
    const roomId = simulator.rooms[0]?.face.roomId ?? 0;
    const sizes = Array.from({ length: 200 }, () =>
      Buffer.byteLength(simulator.ledger.textOf(simulator.emit(roomId, 'DANMU_MSG'))),
    );
    expect(Math.min(...sizes)).toBeGreaterThan(1_600);
    expect(Math.max(...sizes)).toBeLessThan(3_300);
  });
});
