import { afterEach, describe, expect, it, vi } from 'vitest';
import { BarrageError } from '../../src/model/errors.js';
import { silentLog } from '../../src/model/log.js';
import { systemClock } from '../../src/platforms/clock.js';
import type { RoomStatus } from '../../src/platforms/platform.js';
import { StatusPoller } from '../../src/platforms/status-poller.js';

/** Answers like a platform that knows every room, and keeps what it was asked. */
class Platform {
  readonly id = 'bilibili';
  readonly asked: string[][] = [];
  answer: (roomIds: string[]) => Promise<RoomStatus[]> = async (ids) => ids.map((roomId) => ({ roomId, isLive: true }));

  statusOfMany(rooms: readonly { roomId: string }[]): Promise<RoomStatus[]> {
    const ids = rooms.map(({ roomId }) => roomId);
    this.asked.push(ids);
    return this.answer(ids);
  }
}

const HOUR = 3_600_000;

const room = (n: number) => ({ roomId: `${n}`, ownerId: `${n + 1000}` });

describe('status poller', () => {
  let poller: StatusPoller;
  const platform = () => new Platform();
  const start = (to: Platform, statusEveryMs: number, clock = systemClock) => {
    poller = new StatusPoller({ platform: to, statusEveryMs, log: silentLog, clock, random: () => 0.5 });
    return poller;
  };
  afterEach(async () => {
    vi.restoreAllMocks();
    vi.useRealTimers();
    await poller.close();
  });

  it('asks for all rooms that begin together in as few requests as there must be, and again each period', async () => {
    const asked = platform();
    const began = systemClock.monotonicMs();
    let isBeginning = true;
    start(asked, 400, { ...systemClock, monotonicMs: () => (isBeginning ? began : systemClock.monotonicMs()) });
    const heard = new Map<string, number>();
    for (let n = 0; n < 480; n++)
      poller.watch(room(n), ({ roomId }) => heard.set(roomId, (heard.get(roomId) ?? 0) + 1));
    isBeginning = false;
    await expect.poll(() => asked.asked.length, { timeout: 5_000 }).toBe(6);
    expect(asked.asked.map((ids) => ids.length)).toEqual([200, 200, 80, 200, 200, 80]);
    expect(heard.size).toBe(480);
  });

  it('answers a room that begins later within seconds, and lets it join the others’ requests', async () => {
    const asked = platform();
    start(asked, 60_000);
    poller.watch(room(1), () => {});
    await expect.poll(() => asked.asked.length, { timeout: 3_000 }).toBe(1);
    poller.watch(room(2), () => {});
    poller.watch(room(3), () => {});
    await expect.poll(() => asked.asked.length, { timeout: 3_000 }).toBe(2);
    expect(asked.asked[1]).toEqual(['2', '3']);
  });

  it('tells nobody after they stopped watching, and asks nothing when nobody watches', async () => {
    const asked = platform();
    start(asked, 200);
    const heard: string[] = [];
    const stops = [poller.watch(room(1), () => heard.push('a')), poller.watch(room(1), () => heard.push('b'))];
    await expect.poll(() => heard.length, { timeout: 3_000 }).toBeGreaterThanOrEqual(2);
    stops[0]?.();
    heard.length = 0;
    await expect.poll(() => heard.length, { timeout: 3_000 }).toBeGreaterThanOrEqual(2);
    expect(heard).not.toContain('a');
    stops[1]?.();
    const { length } = asked.asked;
    await new Promise((resolve) => setTimeout(resolve, 500)); // that nothing happens can only be waited for
    expect(asked.asked.length).toBe(length);
  });

  it('tries a failed request again at the next period', async () => {
    const asked = platform();
    const well = asked.answer;
    asked.answer = () => Promise.reject(new BarrageError('PLATFORM_ERROR', 'no'));
    start(asked, 200);
    const heard: RoomStatus[] = [];
    poller.watch(room(1), (status) => heard.push(status));
    await expect.poll(() => asked.asked.length, { timeout: 3_000 }).toBeGreaterThanOrEqual(2);
    asked.answer = well;
    await expect.poll(() => heard.length, { timeout: 3_000 }).toBeGreaterThanOrEqual(1);
  });

  it('keeps to the wait that an error dictates, for the rest of its round, too', async () => {
    vi.useFakeTimers();
    const asked = platform();
    asked.answer = () => Promise.reject(new BarrageError('ADDRESS_BLOCKED', 'no', {}, 1_000));
    start(asked, 200);
    for (let n = 0; n < 480; n++) poller.watch(room(n), () => {});
    await vi.advanceTimersByTimeAsync(100);
    expect(asked.asked).toHaveLength(1);
    await vi.advanceTimersByTimeAsync(999);
    expect(asked.asked).toHaveLength(1);
    await vi.advanceTimersByTimeAsync(1);
    expect(asked.asked).toHaveLength(2);
  });

  it.each([NaN, -1, 2 ** 31, 1e15, Infinity])(
    'asks again within hours and never without a pause when an error dictates a wait of %d ms',
    async (waitMs) => {
      vi.useFakeTimers();
      const setTimer = vi.spyOn(globalThis, 'setTimeout');
      const asked = platform();
      asked.answer = () => Promise.reject(new BarrageError('PLATFORM_ERROR', 'no', {}, waitMs));
      start(asked, HOUR);
      poller.watch(room(1), () => {});
      await vi.advanceTimersByTimeAsync(2_000);
      expect(asked.asked).toHaveLength(1);
      const { length } = setTimer.mock.calls;
      await vi.advanceTimersByTimeAsync(1_000);
      expect(setTimer.mock.calls).toHaveLength(length);
      await vi.advanceTimersByTimeAsync(7 * HOUR);
      expect(asked.asked.length).toBeGreaterThanOrEqual(2);
    },
  );

  it('keeps to a period that is longer than a timer can wait', async () => {
    vi.useFakeTimers();
    const asked = platform();
    start(asked, 1_000 * HOUR);
    poller.watch(room(1), () => {});
    await vi.advanceTimersByTimeAsync(700 * HOUR); // less what may be taken along early
    expect(asked.asked).toHaveLength(1);
    await vi.advanceTimersByTimeAsync(301 * HOUR);
    expect(asked.asked).toHaveLength(2);
  });

  it('goes on when a listener throws', async () => {
    start(platform(), 200);
    const heard: string[] = [];
    poller.watch(room(1), () => {
      throw new Error('mine');
    });
    poller.watch(room(1), () => heard.push('b'));
    await expect.poll(() => heard.length, { timeout: 3_000 }).toBeGreaterThanOrEqual(2);
  });

  it('ends a request under way when it is closed', async () => {
    const asked = platform();
    start(asked, 200);
    asked.statusOfMany = (_rooms: unknown, signal?: AbortSignal) =>
      new Promise((_, reject) => {
        asked.asked.push([]);
        signal?.addEventListener('abort', () => reject(new Error('aborted')));
      });
    poller.watch(room(1), () => {});
    await expect.poll(() => asked.asked.length, { timeout: 3_000 }).toBe(1);
    await poller.close();
  });
});
