import { setImmediate as turn } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import type { SpoolEntry } from '../../src/model/records.js';
import { openSpool } from '../../src/spool/open-spool.js';
import { APPENDS_UNDER_WAY, type Spool } from '../../src/spool/spool.js';
import { configOf, entry, MiB, newFolder, progress, written } from './entries.js';

const audience = (at: number): SpoolEntry => ({
  type: 'audience',
  audience: { _id: `bilibili:1:${at}`, platform: 'bilibili', roomId: '1', at, values: { popularity: at } },
});

/** A spool just after a transaction, and a wait that is long enough for another one on this disk, twenty times over; neither moves the clock. */
async function fresh(): Promise<{ spool: Spool; aWhile: () => Promise<void> }> {
  const spool = await openSpool({ config: configOf(await newFolder()) });
  onTestFinished(() => spool.close());
  const startedAt = process.hrtime.bigint();
  await spool.append([entry('first')]);
  const took = process.hrtime.bigint() - startedAt;
  const aWhile = async () => {
    for (const until = process.hrtime.bigint() + 20n * took; process.hrtime.bigint() < until;) await turn();
  };
  return { spool, aWhile };
}

/** What the calls have come to, by their order. */
function watched(calls: readonly Promise<unknown>[]): boolean[] {
  const isDurable = calls.map(() => false);
  calls.forEach((call, at) => void call.then(() => (isDurable[at] = true)));
  return isDurable;
}

describe('an append of audience points, or of progress alone', () => {
  beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] }));
  afterEach(() => void vi.useRealTimers());

  it('waits a second for others, and no longer', async () => {
    const { spool, aWhile } = await fresh();
    const calls = [spool.append([audience(1)]), spool.append([], progress('wtest.1'))];
    const isDurable = watched(calls);
    vi.advanceTimersByTime(998);
    await aWhile();
    expect(isDurable).toEqual([false, false]);
    vi.advanceTimersByTime(2);
    await Promise.all(calls);
  });

  it.each([
    ['an event', (spool: Spool) => spool.append([entry('next')])],
    ['the end of a connection', (spool: Spool) => spool.finish('wtest.1', [])],
    ['a flush', (spool: Spool) => spool.flush()],
  ])('goes with %s', async (_what, hurry) => {
    const { spool, aWhile } = await fresh();
    const waiting = spool.append([audience(1)]);
    const isDurable = watched([waiting]);
    vi.advanceTimersByTime(500);
    await aWhile();
    expect(isDurable).toEqual([false]);
    await hurry(spool);
    await waiting;
  });

  it('goes at once where so many wait that a stream would have to wait for them', async () => {
    const { spool, aWhile } = await fresh();
    const some = Array.from({ length: APPENDS_UNDER_WAY - 1 }, (_, at) => spool.append([audience(at)]));
    const isDurable = watched(some);
    vi.advanceTimersByTime(500);
    await aWhile();
    expect(isDurable.some(Boolean)).toBe(false);
    await Promise.all([...some, spool.append([audience(APPENDS_UNDER_WAY)])]);
  });

  it('is not lost where the spool is closed', async () => {
    const { spool, aWhile } = await fresh();
    const waiting = spool.append([audience(1)]);
    vi.advanceTimersByTime(500);
    await aWhile();
    await spool.close();
    await expect(waiting).resolves.toEqual({ from: 2, to: 2 });
  });
});

describe('behind a backlog of appends, several transactions long', () => {
  const backlogOf = (spool: Spool) =>
    watched(Array.from({ length: 24 }, (_, at) => spool.append([entry(at, 'a'.repeat(MiB))])));

  it('an acknowledgement goes with the first of them', async () => {
    const { spool } = await fresh();
    const range = await spool.read(0, { maxEntries: 1, maxBytes: MiB, lingerMs: 0 }, AbortSignal.timeout(10_000));
    const isDurable = backlogOf(spool);
    await spool.acknowledge(range?.to ?? 0, written(1));
    expect(isDurable.every(Boolean)).toBe(false);
    await spool.flush();
  });

  it('a flush goes with the last', async () => {
    const { spool } = await fresh();
    const isDurable = backlogOf(spool);
    await spool.flush();
    expect(isDurable.every(Boolean)).toBe(true);
  });
});
