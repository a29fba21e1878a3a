import { describe, it } from 'vitest';
import { mongoAway } from '../../src/drills/mongo-away.js';
import { temporalAway } from '../../src/drills/temporal-away.js';
import { drilled } from './drilled.js';

const LONG = { timeout: 120_000 };

/** Seeds of which the first fault is what the title says. */
const KILLED = 1;

describe('barrage', () => {
  it('loses nothing when MongoDB is killed mid-write and comes back, and no room notices', LONG, async () => {
    await drilled(mongoAway, { seed: KILLED });
  });

  it(
    'keeps its connections, one a room, when Temporal is killed and comes back on the same database',
    LONG,
    async () => {
      await drilled(temporalAway, { seed: KILLED });
    },
  );
});
