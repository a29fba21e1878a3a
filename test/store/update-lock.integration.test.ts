import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, inject, it, onTestFinished } from 'vitest';
import { freshStore, NEVER } from './entries.js';
import { COLLECTIONS } from '../../src/store/collections.js';
import { Server } from '../../src/store/server.js';
import { UpdateLock } from '../../src/store/update-lock.js';

const uri = inject('mongoUri');

async function fresh() {
  const { client, database } = await freshStore(uri);
  const db = client.db(database);
  const lock = new UpdateLock(new Server(db), 'w1', Date.now);
  onTestFinished(() => lock.close());
  return { lock, holders: () => db.collection(COLLECTIONS.locks).find().toArray() };
}

describe('the update lock', () => {
  it('is passed on when an update does not end with its signal', async () => {
    const { lock } = await fresh();
    const giveUp = new AbortController();
    let begin = (): void => undefined;
    const began = new Promise<void>((resolve) => (begin = resolve));
    const stuck = lock.hold(giveUp.signal, () => {
      begin();
      return new Promise<never>(() => undefined);
    });
    const next = lock.hold(NEVER, async () => 'done');
    await began;
    giveUp.abort(new Error('enough'));
    await expect(stuck).rejects.toThrow('enough');
    expect(await next).toBe('done');
  });

  it('is kept while the next one updates, even if the one before is abandoned at that moment', async () => {
    const { lock, holders } = await fresh();
    await lock.hold(NEVER, async () => undefined);
    const giveUp = new AbortController();
    let begin = (): void => undefined;
    const began = new Promise<void>((resolve) => (begin = resolve));
    // As a command of the driver may: it rejects some time after its signal.
    const abandoned = lock.hold(giveUp.signal, async (_, signal) => {
      begin();
      await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
      await sleep(20);
      throw signal.reason;
    });
    const during: unknown[] = [];
    const next = lock.hold(NEVER, async () => {
      for (let look = 0; look < 20; look += 1) {
        during.push((await holders()).length);
        await sleep(5);
      }
    });
    await began;
    giveUp.abort(new Error('enough'));
    await expect(abandoned).rejects.toThrow('enough');
    await next;
    expect(new Set(during)).toEqual(new Set([1]));
  });
});
