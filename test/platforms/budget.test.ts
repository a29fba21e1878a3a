import { setMaxListeners } from 'node:events';
import { describe, expect, it } from 'vitest';
import { BarrageError } from '../../src/model/errors.js';
import { RequestBudget } from '../../src/platforms/budget.js';
import { ManualClock } from './manual-clock.js';

const never = new AbortController().signal;
setMaxListeners(0, never);

/** Takes a turn for each of many rooms at once, and notes when each may go. */
function rush(budget: RequestBudget, clock: ManualClock, count: number, host = 'api.example') {
  const sentAt: number[] = [];
  const refused: unknown[] = [];
  for (let room = 0; room < count; room++) {
    budget.take(host, never).then(
      () => sentAt.push(clock.monotonicMs()),
      (err: unknown) => refused.push(err),
    );
  }
  return { sentAt, refused };
}

describe('request budget', () => {
  it('lets a burst of many rooms through at the rate, whatever window is looked at', async () => {
    const clock = new ManualClock();
    const { sentAt } = rush(new RequestBudget({ requestsPerSecond: 4, burst: 10 }, clock), clock, 200);
    await clock.advance(60_000);
    expect(sentAt).toHaveLength(200);
    for (const from of sentAt) {
      expect(sentAt.filter((at) => at >= from && at < from + 1_000).length).toBeLessThanOrEqual(10 + 4);
      expect(sentAt.filter((at) => at >= from && at < from + 10_000).length).toBeLessThanOrEqual(10 + 40);
    }
    expect(Math.max(...sentAt) - Math.min(...sentAt)).toBeCloseTo((200 - 10) * 250, 0);
  });

  it('counts each host by itself', async () => {
    const clock = new ManualClock();
    const budget = new RequestBudget({ requestsPerSecond: 1, burst: 1 }, clock);
    const one = rush(budget, clock, 1, 'one.example');
    const other = rush(budget, clock, 1, 'other.example');
    await clock.advance(0);
    expect([one.sentAt.length, other.sentAt.length]).toEqual([1, 1]);
  });

  it('refuses a request whose turn is too far off, and says when to come back', async () => {
    const clock = new ManualClock();
    const { refused } = rush(new RequestBudget({ requestsPerSecond: 1, burst: 1 }, clock), clock, 200);
    await clock.advance(0);
    expect(refused.length).toBe(200 - 121);
    expect(refused[0]).toMatchObject({ code: 'RATE_LIMITED', retryAfterMs: 1_000 });
  });

  it('refuses all requests to a blocked host at once, those that queued for it too, with the wait that is left', async () => {
    const clock = new ManualClock();
    const budget = new RequestBudget({ requestsPerSecond: 1, burst: 1 }, clock);
    const { sentAt, refused } = rush(budget, clock, 3);
    await clock.advance(500);
    budget.block('api.example', 600_000, 'ADDRESS_BLOCKED');
    await clock.advance(10_000);
    expect(sentAt).toHaveLength(1);
    expect(refused).toHaveLength(2);
    await expect(budget.take('api.example', never)).rejects.toMatchObject({
      code: 'ADDRESS_BLOCKED',
      retryAfterMs: 590_000,
    });
    await expect(budget.take('other.example', never)).resolves.toBeUndefined();
    await clock.advance(590_000);
    await expect(budget.take('api.example', never)).resolves.toBeUndefined();
  });

  it('sits out a short block instead of failing', async () => {
    const clock = new ManualClock();
    const budget = new RequestBudget({ requestsPerSecond: 10, burst: 10 }, clock);
    budget.block('api.example', 2_000, 'RATE_LIMITED');
    const { sentAt } = rush(budget, clock, 1);
    await clock.advance(1_900);
    expect(sentAt).toHaveLength(0);
    await clock.advance(100);
    expect(sentAt).toHaveLength(1);
  });

  it('keeps the rate among those who sat out a block while they queued', async () => {
    const clock = new ManualClock();
    const budget = new RequestBudget({ requestsPerSecond: 10, burst: 1 }, clock);
    const { sentAt } = rush(budget, clock, 10);
    await clock.advance(150);
    budget.block('api.example', 3_000, 'RATE_LIMITED');
    await clock.advance(10_000);
    expect(sentAt).toHaveLength(10);
    for (const from of sentAt) expect(sentAt.filter((at) => at >= from && at < from + 100)).toHaveLength(1);
  });

  it('keeps a longer block when a shorter one follows, and bounds what a server can ask for', async () => {
    const clock = new ManualClock();
    const budget = new RequestBudget({ requestsPerSecond: 10, burst: 10 }, clock);
    expect(budget.block('api.example', Number.MAX_VALUE, 'ADDRESS_BLOCKED')).toBe(6 * 3_600_000);
    budget.block('api.example', 10, 'RATE_LIMITED');
    await expect(budget.take('api.example', never)).rejects.toMatchObject({ code: 'ADDRESS_BLOCKED' });
  });

  it('blocks a scope without the rest of its host', async () => {
    const budget = new RequestBudget({ requestsPerSecond: 10, burst: 10 }, new ManualClock());
    budget.block('api.example', 60_000, 'RISK_CONTROL', 'signed');
    await expect(budget.take('api.example', never, 'signed')).rejects.toMatchObject({ code: 'RISK_CONTROL' });
    await expect(budget.take('api.example', never, '/other')).resolves.toBeUndefined();
  });

  it('lets a burst through that is longer than the line may be', async () => {
    const clock = new ManualClock();
    const { sentAt } = rush(new RequestBudget({ requestsPerSecond: 0.1, burst: 100 }, clock), clock, 100);
    await clock.advance(0);
    expect(sentAt).toHaveLength(100);
  });

  it('gives the turns of those who gave up to those behind them', async () => {
    const clock = new ManualClock();
    const budget = new RequestBudget({ requestsPerSecond: 4, burst: 20 }, clock);
    const abort = new AbortController();
    setMaxListeners(0, abort.signal);
    const given = Array.from({ length: 400 }, () => budget.take('api.example', abort.signal));
    const before = rush(budget, clock, 1);
    await clock.advance(0);
    abort.abort(new Error('given up'));
    expect((await Promise.allSettled(given)).filter(({ status }) => status === 'fulfilled')).toHaveLength(20);
    const after = rush(budget, clock, 2);
    await clock.advance(750);
    expect([before.sentAt.length, after.sentAt.length]).toEqual([1, 2]);
  });

  it('keeps the order of those who sat out a block while they queued, each with one turn', async () => {
    const clock = new ManualClock();
    const budget = new RequestBudget({ requestsPerSecond: 10, burst: 1 }, clock);
    const startedAt = clock.monotonicMs();
    const sent: number[] = [];
    for (let n = 0; n < 100; n++) void budget.take('api.example', never).then(() => sent.push(n));
    await clock.advance(1_000);
    budget.block('api.example', 3_000, 'RATE_LIMITED');
    while (sent.length < 100) await clock.advance(100);
    expect(sent).toEqual(Array.from({ length: 100 }, (_, n) => n));
    expect(clock.monotonicMs() - startedAt).toBe(4_000 + 88 * 100); // eleven went before the block
  });

  it('puts one who comes as a block ends behind those who waited for its end', async () => {
    const clock = new ManualClock();
    const budget = new RequestBudget({ requestsPerSecond: 10, burst: 1 }, clock);
    const sent: string[] = [];
    const ask = (who: string): void => void budget.take('api.example', never).then(() => sent.push(who));
    budget.block('api.example', 3_000, 'ADDRESS_BLOCKED');
    for (const who of ['first', 'second']) ask(who);
    await clock.advance(2_999);
    ask('late');
    await clock.advance(1);
    ask('later');
    await clock.advance(300);
    expect(sent).toEqual(['first', 'second', 'late', 'later']);
  });

  it('ends a wait with the reason of the abort', async () => {
    const clock = new ManualClock();
    const budget = new RequestBudget({ requestsPerSecond: 1, burst: 1 }, clock);
    await budget.take('api.example', never);
    const abort = new AbortController();
    const waiting = budget.take('api.example', abort.signal);
    await clock.advance(1);
    abort.abort(new BarrageError('WORKER_SHUTDOWN', 'stop'));
    await expect(waiting).rejects.toMatchObject({ code: 'WORKER_SHUTDOWN' });
  });
});
