import { describe, expect, it } from 'vitest';
import { Metrics } from '../../src/activities/metrics.js';
import { StreamRegistry } from '../../src/activities/stream-registry.js';
import type { Spool, SpoolState } from '../../src/spool/spool.js';
import { complaintsOf, refreshGauges } from '../../src/workers/health.js';

const OK: SpoolState = { level: 'ok', depth: 0, bytes: 0, quotaBytes: 100, nextSeq: 1, ackedSeq: 0 };
const NOW = 1_790_000_000_000;

function partsOf(state: Partial<SpoolState>) {
  const spool: Pick<Spool, 'state'> = { state: () => ({ ...OK, ...state }) };
  return { spool, registry: new StreamRegistry(), metrics: new Metrics(['bilibili']), now: () => NOW };
}

describe('complaintsOf', () => {
  it('finds nothing wrong with an idle worker, nor with entries younger than a minute', () => {
    expect(complaintsOf(partsOf({}))).toEqual([]);
    expect(complaintsOf(partsOf({ depth: 5, oldestAt: NOW - 60_000 }))).toEqual([]);
  });

  it('says in words that the spool is not ok, and that MongoDB is not taking its entries', () => {
    expect(complaintsOf(partsOf({ level: 'failed' }))).toEqual(['The spool is failed.']);
    expect(complaintsOf(partsOf({ depth: 5, oldestAt: NOW - 61_400 }))).toEqual([
      'MongoDB has not taken the 5 entries of the spool for 61 s.',
    ]);
  });
});

describe('refreshGauges', () => {
  it('counts a room that is connecting as one that does not survive yet, and no room as all well', async () => {
    const parts = partsOf({});
    refreshGauges(parts);
    expect((await parts.metrics.survival.get()).values[0]?.value).toBe(1);
    const slot = parts.registry.claim('bilibili:1');
    refreshGauges(parts);
    expect((await parts.metrics.survival.get()).values[0]?.value).toBe(0);
    const states = (await parts.metrics.connections.get()).values;
    expect(Object.fromEntries(states.map(({ labels, value }) => [labels.state, value]))).toEqual({
      connecting: 1,
      streaming: 0,
      closing: 0,
    });
    slot.release();
    refreshGauges(parts);
    expect((await parts.metrics.survival.get()).values[0]?.value).toBe(1);
  });

  it('shows a clock that was set back as no age, and exactly one level', async () => {
    const parts = partsOf({ level: 'tight', oldestAt: NOW + 5_000, depth: 1 });
    refreshGauges(parts);
    expect((await parts.metrics.spoolAgeSeconds.get()).values[0]?.value).toBe(0);
    const levels = (await parts.metrics.spoolLevel.get()).values.filter(({ value }) => value === 1);
    expect(levels.map(({ labels }) => labels.level)).toEqual(['tight']);
  });
});
