import { temporal } from '@temporalio/proto';
import { Worker } from '@temporalio/worker';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { bundleWorkflows } from '../../src/workers/bundle.js';

const { History } = temporal.api.history.v1;
const FOLDER = join(import.meta.dirname, 'histories');

/** Histories of runs of released versions, as `BARRAGE_RECORD_HISTORIES=1 npx vitest run test/workflows` leaves them: today's code must make the same decisions of them. */
describe('the workflows', () => {
  it('replay every history in the repository', { timeout: 120_000 }, async () => {
    const names = (await readdir(FOLDER)).filter((name) => name.endsWith('.json'));
    expect(names.length).toBeGreaterThanOrEqual(8);
    const histories = await Promise.all(
      names.map(async (name) => {
        const history = History.fromObject(JSON.parse(await readFile(join(FOLDER, name), 'utf8')));
        return {
          workflowId: name
            .replace(/\.json$/, '')
            .replace(/^[^.]*\./, '')
            .replaceAll('_', ':'),
          history,
        };
      }),
    );
    const { code } = await bundleWorkflows();
    const outcomes: [string, string | undefined][] = [];
    for await (const { workflowId, error } of Worker.runReplayHistories({ workflowBundle: { code } }, histories)) {
      outcomes.push([workflowId, error?.message]);
    }
    expect(outcomes).toEqual(histories.map(({ workflowId }) => [workflowId, undefined]));
  });
});
