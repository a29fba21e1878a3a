import { getEventListeners } from 'node:events';
import { expect, it } from 'vitest';
import { untilFirstOf } from '../../src/activities/first-of.js';

const aborted = (signal: AbortSignal): Promise<unknown> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve(signal.reason);
    signal.addEventListener('abort', () => resolve(signal.reason), { once: true });
  });

it('aborts with the first of its signals, for its reason, also where that had aborted before', async () => {
  const [one, other] = [new AbortController(), new AbortController()];
  const waiting = untilFirstOf(60_000, [one.signal, undefined, other.signal], aborted);
  other.abort('enough');
  expect(await waiting).toBe('enough');
  expect(await untilFirstOf(60_000, [other.signal], aborted)).toBe('enough');
});

it('aborts after its time', async () => {
  expect(await untilFirstOf(1, [], aborted)).toEqual(new Error('not done within 1 ms'));
});

it('leaves nothing on a signal that lives on', async () => {
  const { signal } = new AbortController();
  for (let i = 0; i < 3; i += 1) await untilFirstOf(60_000, [signal], () => Promise.resolve());
  await untilFirstOf(60_000, [signal], () => Promise.reject(new Error('no'))).catch(() => undefined);
  expect(getEventListeners(signal, 'abort')).toEqual([]);
});
