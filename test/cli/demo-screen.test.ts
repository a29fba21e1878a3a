import { describe, expect, it } from 'vitest';
import { tableHead, tableRow } from '../../src/cli/demo/live-table.js';
import { jsonOf, reportOf } from '../../src/cli/demo/report.js';
import type { Verdict } from '../../src/cli/demo/verdict.js';
import { MetricsPage, quantileOf, since } from '../../src/cli/metrics-page.js';

const PAGE = `# HELP barrage_events_accepted_total Events durable in the spool.
# TYPE barrage_events_accepted_total counter
barrage_events_accepted_total{platform="bilibili",kind="chat"} 120
barrage_events_accepted_total{platform="bilibili",kind="gift"} 3
barrage_spool_depth 7
barrage_lag_seconds_bucket{le="0.05"} 90
barrage_lag_seconds_bucket{le="0.1"} 100
barrage_lag_seconds_bucket{le="+Inf"} 100
not a sample
`;

const VERDICT: Verdict = {
  sent: 1_000,
  accepted: 990,
  shed: 0,
  undecodable: 2,
  stored: 989,
  lost: 1,
  duplicates: 0,
  mismatched: 0,
  invented: 0,
  missingInGaps: 8,
  missingInCutFrames: 2,
  missingAtClose: 0,
  hostile: 2,
  gaps: 4,
  reconnects: 3,
  p50Ms: 41.4,
  p99Ms: 200.6,
  maxMs: undefined,
  isClean: false,
  unexplainedMs: 0,
  examples: [{ what: 'lost', roomId: '22600000', cmd: 'DANMU_MSG', n: 7 }],
};

describe('a page of metrics', () => {
  const page = new MetricsPage(PAGE);

  it('is summed over the labels nobody asked for', () => {
    expect(page.sum('barrage_events_accepted_total')).toBe(123);
    expect(page.sum('barrage_events_accepted_total', { kind: 'gift' })).toBe(3);
    expect(page.sum('barrage_spool_depth')).toBe(7);
    expect(page.sum('barrage_absent')).toBe(0);
  });

  it('gives quantiles of what was counted between two looks', () => {
    const now = page.buckets('barrage_lag_seconds');
    expect(quantileOf(now, 0.45)).toBeCloseTo(0.025);
    expect(quantileOf(now, 0.95)).toBeCloseTo(0.075);
    expect(quantileOf(since(now, now), 0.5)).toBeUndefined();
    expect(quantileOf([], 0.5)).toBeUndefined();
  });
});

describe('what a demo says', () => {
  it('has every column under its title', () => {
    const row = tableRow({
      elapsedMs: 65_400,
      rooms: 50,
      connected: 49,
      perSecond: 498.6,
      accepted: 32_000,
      stored: 31_990,
      lagP50Ms: 24.4,
      lagP99Ms: undefined,
      reconnects: 12,
      spoolDepth: 10,
    });
    expect(row).toHaveLength(tableHead().length);
    expect(row.trim().split(/ {2,}/)).toEqual(['1:05', '49/50', '499', '32,000', '31,990', '24 ms', '–', '12', '10']);
  });

  it('names what is lost, and why the rest is not there', () => {
    const text = reportOf(VERDICT).join('\n');
    expect(text).toContain('lost 1, duplicates 0, mismatched 0, invented 0');
    expect(text).toContain('lost in room 22600000, DANMU_MSG, message 7');
    expect(text).toContain('8 while a connection was down (in 4 recorded gaps), 2 in frames cut');
  });

  it('is one object for machines, with whole milliseconds and null for what was not measured', () => {
    const options = { for: 60_000, rooms: 50, rate: 500, faults: true, seed: 1 };
    expect(jsonOf(options, VERDICT)).toMatchObject({ lost: 1, p50Ms: 41, p99Ms: 201, maxMs: null, forMs: 60_000 });
  });
});
