import { expect, vi } from 'vitest';

/** Waits until a page, opened again by `open` where it does not come, says something; Temporal's pages do not renew everything by themselves. */
export const shown = (
  text: () => Promise<string>,
  expected: RegExp,
  open: () => Promise<unknown> = async () => undefined,
): Promise<void> =>
  vi.waitFor(
    async () => {
      await open();
      await vi.waitFor(async () => expect(await text()).toMatch(expected), { timeout: 3_000, interval: 100 });
    },
    { timeout: 20_000, interval: 100 },
  );
