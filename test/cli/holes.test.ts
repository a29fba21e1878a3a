import { describe, expect, it } from 'vitest';
import { holesOf } from '../../src/cli/status/holes.js';

const NOW = new Date('2026-09-21T12:00:00Z');
const SINCE = new Date('2026-09-20T12:00:00Z');
const ago = (minutes: number): Date => new Date(NOW.getTime() - minutes * 60_000);
const gap = (
  roomId: string,
  from: Date,
  to: Date | undefined,
  reason: 'lost' | 'silent' | 'cancelled' | 'late-start',
) => ({
  _id: `after:${roomId}${from.getTime()}`,
  platform: 'bilibili',
  roomId,
  from,
  reason,
  ...(to !== undefined && { to }),
});

describe('the holes of a day', () => {
  it('are added up by room and reason, the worst room first', () => {
    const gaps = [
      gap('1', ago(10), ago(9), 'lost'),
      gap('2', ago(8), ago(5), 'silent'),
      gap('1', ago(4), ago(3), 'lost'),
    ];
    expect(holesOf(gaps, SINCE, NOW)).toEqual({
      count: 3,
      totalMs: 300_000,
      open: 0,
      lateStarts: 0,
      byReason: { lost: { count: 2, totalMs: 120_000 }, silent: { count: 1, totalMs: 180_000 } },
      worstRooms: [
        { room: 'bilibili:2', count: 1, totalMs: 180_000 },
        { room: 'bilibili:1', count: 2, totalMs: 120_000 },
      ],
    });
  });

  it('count an open one until now, unless nobody wants the room any more', () => {
    const holes = holesOf([gap('1', ago(2), undefined, 'lost'), gap('2', ago(60), undefined, 'cancelled')], SINCE, NOW);
    expect(holes).toMatchObject({ count: 1, open: 1, totalMs: 120_000 });
  });

  it('do not hold the beginnings of broadcasts that nobody had wanted yet', () => {
    const holes = holesOf([gap('1', ago(300), ago(10), 'late-start')], SINCE, NOW);
    expect(holes).toMatchObject({ count: 0, totalMs: 0, lateStarts: 1, worstRooms: [] });
  });

  it('count only what lies within the day, and no empty ones', () => {
    const before = new Date(SINCE.getTime() - 60_000);
    const gaps = [gap('1', before, new Date(SINCE.getTime() + 1_000), 'lost'), gap('2', ago(1), ago(1), 'lost')];
    expect(holesOf(gaps, SINCE, NOW)).toMatchObject({ count: 1, totalMs: 1_000 });
  });
});
