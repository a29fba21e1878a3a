import { afterEach, expect, it, vi } from 'vitest';
import { Ledger } from '../../src/simulator/ledger.js';
import { SimulatorOptions } from '../../src/simulator/options.js';
import { makeRooms } from '../../src/simulator/rooms.js';
import { Traffic } from '../../src/simulator/traffic.js';

afterEach(() => {
  vi.useRealTimers();
});

it('asked for ten times what can be made, comes back to the event loop all the same, and ends when the rate does', () => {
  vi.useFakeTimers({ now: 1_000_000 });
  const options = SimulatorOptions.parse({ rooms: 200, zipf: 0, rate: 10_000 });
  const rooms = makeRooms(options, Date.now());
  const ledger = new Ledger(
    options.seed,
    rooms.map(({ face }) => face),
  );
  const traffic = new Traffic(options, rooms, ledger, {
    isListening: () => true,
    deliver: (_, frame) => vi.setSystemTime(Date.now() + frame.count), // a message takes a millisecond
  });
  traffic.start();
  const turnsMs = Array.from({ length: 300 }, () => {
    const before = Date.now();
    vi.advanceTimersToNextTimer();
    return Date.now() - before;
  });
  expect(Math.max(...turnsMs)).toBeLessThan(1_000);
  const made = ledger.lastN;
  expect(made).toBeGreaterThan(10_000);
  traffic.rate = 0;
  for (let turn = 0; turn < 300; turn += 1) vi.advanceTimersToNextTimer();
  expect(ledger.lastN - made).toBeLessThan(1_000);
  traffic.stop();
});
