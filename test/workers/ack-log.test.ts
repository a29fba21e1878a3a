import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { silentLog } from '../../src/model/log.js';
import { AckLog } from '../../src/workers/ack-log.js';

let folder: string;
beforeEach(async () => (folder = await mkdtemp(join(tmpdir(), 'barrage-test-'))));
afterEach(() => rm(folder, { recursive: true }));

const range = { from: 1, to: 7, bytes: 10, entries: [] };

it('has a line for each acknowledgement, after those of an earlier process', async () => {
  const path = join(folder, 'acks.jsonl');
  for (const ackedAt of [5, 6]) {
    const acks = new AckLog(path, 'w1', silentLog);
    acks.write(range, ackedAt);
    await acks.close();
  }
  const lines = (await readFile(path, 'utf8')).trim().split('\n');
  expect(lines.map((line): unknown => JSON.parse(line))).toEqual(
    [5, 6].map((ackedAt) => ({ workerId: 'w1', from: 1, to: 7, ackedAt })),
  );
});

it('is refused at the start where its folder is missing', () => {
  expect(() => new AckLog(join(folder, 'missing', 'acks'), 'w1', silentLog)).toThrow(
    expect.objectContaining({ code: 'BAD_CONFIG', message: expect.stringContaining('(ENOENT)') }),
  );
});

it('ends with a word in the log where the disk takes no more, and the process lives', async () => {
  const error = vi.fn();
  const acks = new AckLog('/dev/full', 'w1', { ...silentLog, error });
  acks.write(range, 5);
  await vi.waitUntil(() => error.mock.calls.length === 1);
  acks.write(range, 6);
  await acks.close();
});
