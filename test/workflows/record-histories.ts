import type { Client } from '@temporalio/client';
import { mkdir, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';

const FOLDER = join(import.meta.dirname, 'histories');

/** Where a worker ran is nothing that a replay looks at, and nobody's business. */
const withoutMachine = (key: string, value: unknown): unknown =>
  key === 'stackTrace' || key === 'identity' ? undefined : value;

/** Keeps the history of a run as `<what>.<workflow id>.json`, when BARRAGE_RECORD_HISTORIES is set: once a release, for replay.test.ts. */
export async function recordHistory(client: Client, workflowId: string, what: string, runId?: string): Promise<void> {
  if (process.env['BARRAGE_RECORD_HISTORIES'] !== '1') return;
  await mkdir(FOLDER, { recursive: true });
  const history = await client.workflow.getHandle(workflowId, runId).fetchHistory();
  const file = `${what}.${workflowId.replaceAll(':', '_')}.json`;
  await writeFile(
    join(FOLDER, file),
    `${JSON.stringify(history, withoutMachine).replaceAll(`@${hostname()}`, '@worker')}\n`,
  );
}
