import { describe, expect, it } from 'vitest';
import { Coverage } from '../../src/platforms/coverage.js';
import { ManualClock } from './manual-clock.js';

/** Plays one line of events, each a number of seconds after the last, and says until when it is covered, in seconds since the start. */
async function play(events: [number, keyof Coverage][], question: 'untilLoss' | 'untilGoodbye' = 'untilLoss') {
  const clock = new ManualClock();
  const start = clock.now();
  const coverage = new Coverage(clock);
  for (const [seconds, event] of events) {
    await clock.advance(seconds * 1000);
    coverage[event]();
  }
  return (coverage[question]() - start) / 1000;
}

const ANSWERED: [number, keyof Coverage][] = [
  [0, 'heartbeatSent'],
  [0.1, 'received'],
  [0, 'heartbeatAnswered'],
];

describe('coverage', () => {
  it('reaches to the last message after a loss, and to the goodbye after one', async () => {
    expect(await play([...ANSWERED, [5, 'received']])).toBeCloseTo(5.1);
    expect(await play([...ANSWERED, [5, 'received'], [3, 'received']], 'untilGoodbye')).toBeCloseTo(8.1);
  });

  it('ends where a pause began, when what waited meanwhile is all that came after it', async () => {
    const paused: [number, keyof Coverage][] = [
      ...ANSWERED,
      [5, 'received'],
      [0, 'paused'],
      [300, 'resumed'],
      [0, 'received'],
    ];
    expect(await play(paused)).toBeCloseTo(5.1);
    expect(await play(paused, 'untilGoodbye')).toBeCloseTo(5.1);
  });

  it('reaches to the last heartbeat that was answered, while older ones are worked off', async () => {
    const beats: [number, keyof Coverage][] = [
      [30, 'heartbeatSent'],
      [30, 'heartbeatSent'],
      [10, 'resumed'],
    ];
    const events: [number, keyof Coverage][] = [
      ...ANSWERED,
      [5, 'paused'],
      ...beats,
      [0, 'received'],
      [0, 'heartbeatAnswered'],
    ];
    expect(await play(events)).toBeCloseTo(35.1);
  });

  it('is whole again once a heartbeat sent after the pause is answered', async () => {
    const events: [number, keyof Coverage][] = [
      ...ANSWERED,
      [5, 'paused'],
      [20, 'resumed'],
      [5, 'heartbeatSent'],
      [1, 'received'],
    ];
    expect(await play(events)).toBeCloseTo(5.1);
    expect(await play([...events, [0, 'heartbeatAnswered'], [2, 'received']])).toBeCloseTo(33.1);
  });

  it('reaches to our own goodbye, once answered, unless we were not reading when we said it', async () => {
    const resumed: [number, keyof Coverage][] = [...ANSWERED, [5, 'paused'], [20, 'resumed']];
    expect(await play([...resumed, [2, 'goodbyeSent'], [1, 'received']], 'untilGoodbye')).toBeCloseTo(27.1);
    expect(await play([...ANSWERED, [5, 'paused'], [20, 'goodbyeSent'], [1, 'received']], 'untilGoodbye')).toBeCloseTo(
      5.1,
    );
  });

  it('goes back to the last answered heartbeat when the stream comes late without a pause', async () => {
    const events: [number, keyof Coverage][] = [...ANSWERED, [10, 'heartbeatSent'], [0.5, 'received']];
    expect(await play(events)).toBeCloseTo(10.6);
    expect(await play([...events, [5, 'received']])).toBeCloseTo(0);
  });
});
