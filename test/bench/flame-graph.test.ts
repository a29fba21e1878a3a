import { describe, expect, it } from 'vitest';
import { busyTimeUs, CpuProfile, topFrames } from '../../src/bench/cpu-profile.js';
import { flameGraphSvg } from '../../src/bench/flame-graph.js';

const frame = (functionName: string, url = '', lineNumber = -1) => ({ functionName, url, lineNumber });

/** `main` calls `a <T>` from two places, which took 30 and 50 of 100 µs; 20 µs nothing was done. */
const profile = CpuProfile.parse({
  nodes: [
    { id: 1, callFrame: frame('(root)'), children: [2, 6] },
    { id: 2, callFrame: frame('main', 'file:///somewhere/dist/bench/main.js', 9), children: [3, 4] },
    { id: 3, callFrame: frame('a <T>'), children: [5] },
    { id: 4, callFrame: frame('a <T>') },
    { id: 5, callFrame: frame('', 'node:zlib', 4) },
    { id: 6, callFrame: frame('(idle)') },
  ],
  samples: [3, 4, 5, 6],
  timeDeltas: [10, 50, 20, 20],
});

describe('the flame graph of a profile', () => {
  const svg = flameGraphSvg(profile, 'a & b');

  it('has a bar for each call, those of one function from one place together, which says how much it took', () => {
    expect(svg.match(/<title>/g)).toHaveLength(4);
    expect(svg).toContain('<title>a &lt;T&gt; (100.0 %, 0.1 ms)</title>');
    expect(svg).toContain('<title>main bench/main.js:10 (100.0 %, 0.1 ms)</title>');
    expect(svg).toContain('<title>(anonymous) node:zlib:5 (25.0 %, 0.0 ms)</title>');
  });

  it('leaves out the time in which nothing was done, and escapes every name', () => {
    expect(svg).not.toContain('(idle)');
    expect(svg).not.toContain('<T>');
    expect(svg).toContain('a &amp; b');
  });

  it('of nothing is a picture all the same', () => {
    const nothing = CpuProfile.parse({ nodes: [{ id: 1, callFrame: frame('(root)') }] });
    expect(flameGraphSvg(nothing, 'nothing')).toMatch(/^<svg .*<\/svg>$/s);
  });
});

describe('the top frames of a profile', () => {
  it('are by the time spent in them alone, as a share of the busy time', () => {
    expect(busyTimeUs(profile)).toBe(80);
    expect(topFrames(profile, 10)).toEqual([
      { name: 'a <T>', ms: 0.06, share: 0.75 },
      { name: '(anonymous) node:zlib:5', ms: 0.02, share: 0.25 },
    ]);
    expect(topFrames(profile, 1)).toHaveLength(1);
  });
});
