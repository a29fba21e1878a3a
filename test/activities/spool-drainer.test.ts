import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { type DrainDeps, SpoolDrainer } from '../../src/activities/spool-drainer.js';
import { Metrics } from '../../src/activities/metrics.js';
import type { BatchTotals } from '../../src/model/batch.js';
import { silentLog } from '../../src/model/log.js';
import type { SpoolRange } from '../../src/model/records.js';
import { openSpool } from '../../src/spool/open-spool.js';
import type { Spool } from '../../src/spool/spool.js';
import type { Store } from '../../src/store/store.js';
import { configOf, connection, entry, newFolder } from '../spool/entries.js';

/** A store in memory: what it was given, and a write that a test can hold back. */
class MemoryStore implements Store {
  readonly ids: string[] = [];
  readonly batches = new Map<string, BatchTotals>();
  hold: Promise<void> | undefined;
  fails = false;
  /** More than this in one write takes longer than a write may. */
  takes = Infinity;
  writes = 0;
  refused = 0;

  async prepare(): Promise<void> {}
  async close(): Promise<void> {}

  async write({ entries }: SpoolRange, signal: AbortSignal) {
    const aborted = new Promise<never>((_, reject) =>
      signal.addEventListener('abort', () => reject(new Error('aborted')), { once: true }),
    );
    aborted.catch(() => undefined);
    await Promise.race([this.hold, aborted]);
    if (this.fails || entries.length > this.takes) {
      this.refused += 1;
      throw new Error('the store is away');
    }
    this.writes += 1;
    const events = entries.flatMap((one) => (one.type === 'event' ? [one.event._id] : []));
    const fresh = events.filter((id) => !this.ids.includes(id));
    this.ids.push(...fresh);
    const counts = { events: events.length, inserted: fresh.length, duplicates: events.length - fresh.length };
    return { ...counts, ackedAt: Date.now() };
  }

  async writeBatch(totals: BatchTotals): Promise<void> {
    this.batches.set(totals._id, structuredClone(totals));
  }
}

interface Drained {
  spool: Spool;
  store: MemoryStore;
  finishing: AbortController;
  /** Starts an attempt, as Temporal does. */
  attempt: (firstSeq?: number) => Promise<unknown>;
  /** As a new process with the same spool. */
  restart: () => Promise<SpoolDrainer>;
}

async function begin(batch?: DrainDeps['batch'], lingerMs = 0): Promise<Drained> {
  const spool = await openSpool({ config: configOf(await newFolder()) });
  const store = new MemoryStore();
  const finishing = new AbortController();
  onTestFinished(async () => {
    finishing.abort();
    await drainer.close();
    await spool.close();
  });
  const deps: DrainDeps = {
    spool,
    store,
    metrics: new Metrics(),
    log: silentLog,
    now: Date.now,
    finishing: finishing.signal,
    settings: { lingerMs, recordsLingerMs: 600_000, maxEntriesPerWrite: 100, maxBytesPerWrite: 1_000_000 },
    running: () => () => undefined,
    ...(batch && { batch }),
  };
  let drainer = new SpoolDrainer(deps);
  const restart = async (): Promise<SpoolDrainer> => {
    await drainer.close();
    return (drainer = new SpoolDrainer(deps));
  };
  const attempt = (firstSeq = 1): Promise<unknown> =>
    drainer.drain(
      { workerId: 'wtest', firstSeq },
      {
        taskToken: '',
        signal: new AbortController().signal,
        heartbeat: () => undefined,
        ended: () => undefined,
      },
    );
  return { spool, store, finishing, attempt, restart };
}

describe('a batch', () => {
  it('is one attempt’s at a time: a later one, begun when Temporal had been away, takes it over and counts nothing twice', async () => {
    const { spool, store, finishing, attempt } = await begin();
    let release = (): void => undefined;
    store.hold = new Promise((resolve) => (release = resolve));
    const first = attempt().catch((error: unknown) => error);
    await spool.append([entry(1), entry(2)]);
    const second = attempt();
    await spool.append([entry(3)]);
    expect(await first).toBeInstanceOf(Error);
    release();
    await vi.waitUntil(() => spool.state().depth === 0, 5_000);
    finishing.abort();
    expect(await second).toMatchObject({ events: 3, inserted: 3, duplicates: 0 });
    expect(store.batches.get('wtest:1')).toMatchObject({ events: 3, inserted: 3, duplicates: 0, lastSeq: 3 });
  });

  it('counts what an earlier attempt acknowledged, and not what that could only begin', async () => {
    const { spool, store, finishing, attempt } = await begin();
    const first = attempt().catch((error: unknown) => error);
    await spool.append([entry(1)]);
    await vi.waitUntil(() => spool.state().depth === 0, 5_000);
    store.fails = true;
    await spool.append([entry(2)]);
    expect(await first).toBeInstanceOf(Error);
    store.fails = false;
    finishing.abort();
    expect(await attempt()).toMatchObject({ events: 2, inserted: 2, duplicates: 0 });
  });

  it('that was done when its worker died before Temporal heard of it is not written over by the next attempt', async () => {
    const { spool, store, finishing, attempt } = await begin();
    await spool.append([entry(1), entry(2)]);
    finishing.abort();
    await attempt();
    await spool.append([entry(3)]);
    await attempt();
    expect(store.batches.get('wtest:1')).toMatchObject({ events: 2, lastSeq: 2 });
    expect(spool.state().depth).toBe(1); // for the next batch
  });

  it('has records together, with the event that comes next', async () => {
    const { spool, store, finishing, attempt } = await begin();
    const attempted = attempt();
    await spool.append([{ type: 'connection', connection: connection('wtest.1') }]);
    await spool.append([{ type: 'connection', connection: connection('wtest.2') }]);
    await spool.append([entry(1)]);
    await vi.waitUntil(() => spool.state().depth === 0, 5_000);
    finishing.abort();
    await attempted;
    expect(store.batches.get('wtest:1')).toMatchObject({ entries: 3, writes: 1 });
  });

  it('has the end of a connection at once', async () => {
    const { spool, finishing, attempt } = await begin();
    const attempted = attempt();
    await spool.append([{ type: 'connection', connection: { ...connection('wtest.1'), endedAt: 1_760_000_001_000 } }]);
    await vi.waitUntil(() => spool.state().depth === 0, 5_000);
    finishing.abort();
    await attempted;
  });

  it.each([
    ['records', { type: 'connection' as const, connection: connection('wtest.1') }, 0],
    ['events', entry(1), 600_000],
  ])('has all %s when the worker ends, whatever they wait for as a rule', async (_, last, lingerMs) => {
    const { spool, store, finishing, attempt } = await begin(undefined, lingerMs);
    const attempted = attempt();
    await spool.append([last]);
    finishing.abort();
    await attempted;
    expect(spool.state().depth).toBe(0);
    expect(store.batches.get('wtest:1')).toMatchObject({ entries: 1 });
  });

  it('is written in smaller pieces where the store cannot take a large one in time, and in large ones again when it can', async () => {
    const { spool, store, finishing, attempt } = await begin();
    store.takes = 7;
    await spool.append(Array.from({ length: 60 }, (_, i) => entry(i + 1)));
    finishing.abort();
    let attempts = 0;
    for (let done = false; !done && attempts < 100; attempts += 1) {
      done = await attempt().then(
        () => true,
        () => false,
      );
    }
    expect(attempts).toBeLessThan(40);
    expect(store.ids).toHaveLength(60);
    store.takes = Infinity;
    await spool.append(Array.from({ length: 200 }, (_, i) => entry(i + 61)));
    store.writes = 0;
    await attempt(61);
    expect(store.ids).toHaveLength(260);
    expect(store.writes).toBeLessThan(10);
  });
});

describe('between two batches', () => {
  const ENTRIES = [1, 2, 3, 4, 5, 6].map((seq) => entry(seq));
  const TWO = { events: 2, ms: 60_000 };

  it('what comes is stored, and counted in the batch that then comes', async () => {
    const { spool, store, finishing, attempt } = await begin(TWO);
    await spool.append(ENTRIES.slice(0, 2));
    expect(await attempt(1)).toMatchObject({ lastSeq: 2 });
    await spool.append(ENTRIES.slice(2, 3));
    await vi.waitUntil(() => store.ids.length === 3, 5_000);
    finishing.abort();
    expect(await attempt(3)).toMatchObject({ firstSeq: 3, lastSeq: 3, events: 1, inserted: 1 });
    expect(store.batches.get('wtest:3')).toMatchObject({ events: 1, lagMs: expect.anything() as unknown });
  });

  it('a second attempt of the batch before ends where the next one has begun', async () => {
    const { spool, store, attempt } = await begin(TWO);
    await spool.append(ENTRIES.slice(0, 2));
    await attempt(1);
    await spool.append(ENTRIES.slice(2, 3));
    await vi.waitUntil(() => store.ids.length === 3, 5_000);
    expect(await attempt(1)).toMatchObject({ events: 0, lastSeq: 2 });
    await spool.append(ENTRIES.slice(3, 4));
    expect(await attempt(3)).toMatchObject({ events: 2, lastSeq: 4 });
  });

  it('a process that dies leaves a batch that the next one goes on with', async () => {
    const { spool, store, attempt, restart } = await begin(TWO);
    await spool.append(ENTRIES.slice(0, 2));
    await attempt(1);
    await spool.append(ENTRIES.slice(2, 3));
    await vi.waitUntil(() => spool.state().ackedSeq === 3, 5_000);
    const next = await restart();
    expect(next.head()).toBe(3);
    await spool.append(ENTRIES.slice(3, 4));
    expect(await attempt(3)).toMatchObject({ firstSeq: 3, lastSeq: 4, events: 2 });
    expect(store.batches.get('wtest:3')).toMatchObject({ events: 2, inserted: 2 });
    await restart();
  });

  it('a store that is away is left to the next batch', async () => {
    const { spool, store, finishing, attempt } = await begin(TWO);
    await spool.append(ENTRIES.slice(0, 2));
    await attempt(1);
    store.fails = true;
    await spool.append(ENTRIES.slice(2, 3));
    await vi.waitUntil(() => store.refused > 0, 5_000);
    store.fails = false;
    finishing.abort();
    expect(await attempt(3)).toMatchObject({ firstSeq: 3, lastSeq: 3, events: 1, inserted: 1 });
    expect(spool.state().depth).toBe(0);
  });
});
