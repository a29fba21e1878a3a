import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RequestBudget, type BudgetOptions } from '../../src/platforms/budget.js';
import { ManualClock } from './manual-clock.js';

const HOST = 'api.example';

/** A request, when it comes (in ms since the beginning), and when its caller gives up. */
interface Request {
  at: number;
  until: number;
}

interface Sent {
  request: number;
  at: number;
}

/** Who gives up in the millisecond of its turn has gone. */
const request = fc
  .record({ at: fc.nat(5_000), patienceMs: fc.option(fc.integer({ min: 1, max: 20_000 }), { nil: Infinity }) })
  .map(({ at, patienceMs }): Request => ({ at, until: at + patienceMs }));
const requests = fc
  .array(request, { maxLength: 60, size: 'max' })
  .map((list) => list.sort((one, other) => one.at - other.at));
/** Rates whose turns are whole milliseconds apart; the slowest lets sixty queue without a refusal. */
const budgets = fc.record({
  requestsPerSecond: fc.constantFrom(1, 2, 4, 10, 20),
  burst: fc.integer({ min: 1, max: 10 }),
});
const blocks = fc.array(fc.record({ at: fc.nat(20_000), forMs: fc.integer({ min: 1, max: 4_000 }) }), { maxLength: 5 });

/** Runs the requests against the budget, and tells which were sent when, and what the others met. */
async function run(
  options: BudgetOptions,
  list: readonly Request[],
  blocked: readonly { at: number; forMs: number }[] = [],
): Promise<{ sent: Sent[]; refused: unknown[] }> {
  const clock = new ManualClock();
  const budget = new RequestBudget(options, clock);
  const startedAt = clock.monotonicMs();
  const sent: Sent[] = [];
  const refused: unknown[] = [];
  const take = (index: number, signal: AbortSignal) =>
    budget.take(HOST, signal).then(
      () => sent.push({ request: index, at: clock.monotonicMs() - startedAt }),
      (err: unknown) => refused.push(err),
    );
  const events = list.flatMap(({ at, until }, index) => {
    const caller = new AbortController();
    const come = { at, do: () => void take(index, caller.signal) };
    return until === Infinity ? [come] : [come, { at: until, do: () => caller.abort(new Error('given up')) }];
  });
  for (const { at, forMs } of blocked) events.push({ at, do: () => void budget.block(HOST, forMs, 'RATE_LIMITED') });
  for (const event of events.sort((one, other) => one.at - other.at)) {
    await clock.advance(startedAt + event.at - clock.monotonicMs());
    event.do();
  }
  await clock.advance(300_000);
  expect(sent.length + refused.length).toBe(list.length);
  return { sent, refused };
}

/** The turns of a line in which those who gave up before theirs had never stood. */
function turns({ requestsPerSecond, burst }: BudgetOptions, list: readonly Request[]) {
  const everyMs = 1_000 / requestsPerSecond;
  const sent: Sent[] = [];
  let due = 0;
  for (const [index, { at, until }] of list.entries()) {
    const turn = Math.max(at, due - (burst - 1) * everyMs);
    if (turn > until) continue;
    due = Math.max(due, turn) + everyMs;
    sent.push({ request: index, at: turn });
  }
  return sent;
}

describe('request budget, whatever comes', () => {
  it('sends in the order of arrival, and as early as if those who gave up had never come', async () => {
    await fc.assert(
      fc.asyncProperty(budgets, requests, async (options, list) => {
        expect((await run(options, list)).sent).toEqual(turns(options, list));
      }),
    );
  });

  it('is never exceeded in any window, and sends nothing while it is blocked', async () => {
    await fc.assert(
      fc.asyncProperty(budgets, requests, blocks, async (options, list, blocked) => {
        const { sent, refused } = await run(options, list, blocked);
        const everyMs = 1_000 / options.requestsPerSecond;
        for (const [from, first] of sent.entries()) {
          for (const [more, last] of sent.slice(from).entries()) {
            expect(more + 1).toBeLessThanOrEqual(options.burst + (last.at - first.at) / everyMs);
          }
          for (const { at, forMs } of blocked) expect(first.at > at && first.at < at + forMs).toBe(false);
        }
        for (const err of refused) expect(err).toMatchObject({ message: 'given up' });
      }),
    );
  });
});
