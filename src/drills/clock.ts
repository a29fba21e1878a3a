import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { between } from '../simulator/random.js';
import { hasCaughtUp } from './caught-up.js';
import { CLOCK_FILE, CLOCK_MODULE } from './shifted-clock-place.js';
import type { Drill } from './drill.js';
import { noticed } from './undisturbed.js';

const HOUR_MS = 3_600_000;

export const clock: Drill = {
  name: 'clock',
  fault: 'the worker’s clock jumps by an hour, forwards or back, and returns some seconds later',
  shows: 'no room loses its connection, no gap is written, and events have the platform’s time',
  faults: 4,
  recoverWithinMs: 60_000,
  plan: { workers: 0 },
  begin: async (system) => {
    const file = join(system.folder, 'clock');
    await writeFile(file, '0');
    await system.startWorker({ NODE_OPTIONS: `--import=${CLOCK_MODULE}`, [CLOCK_FILE]: file });
    return {
      async inject(draw) {
        await writeFile(file, String(draw() < 0.5 ? HOUR_MS : -HOUR_MS));
        await sleep(between(draw, 2_000, 6_000));
        await writeFile(file, '0');
        return { since: Date.now(), isOver: () => hasCaughtUp(system) };
      },
      verify: (outcome) => {
        const written = outcome.records.gaps.filter(
          ({ previousConnectionId, nextConnectionId }) =>
            previousConnectionId !== undefined && nextConnectionId !== undefined,
        );
        return [...noticed(outcome), ...(written.length > 0 ? [`${written.length} gaps were written`] : [])];
      },
    };
  },
};
