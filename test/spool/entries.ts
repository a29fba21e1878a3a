import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { BatchTotals } from '../../src/model/batch.js';
import type { ConnectionRecord } from '../../src/model/connection.js';
import type { SpoolEntry } from '../../src/model/records.js';
import { SpoolConfig } from '../../src/spool/config.js';
import type { StreamProgress } from '../../src/spool/spool.js';

export const MiB = 1024 * 1024;

/** A folder that goes when the test ends. */
export async function newFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'barrage-spool-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

export const configOf = (folder: string, settings: Partial<SpoolConfig> = {}): SpoolConfig =>
  SpoolConfig.parse({ folder, quotaBytes: 64 * MiB, ...settings });

export const entry = (id: string | number, text = '主播好'): SpoolEntry => ({
  type: 'event',
  event: {
    _id: `bilibili:1:${id}`,
    platform: 'bilibili',
    roomId: '1',
    kind: 'chat',
    at: 1_760_000_000_000,
    atFrom: 'platform',
    receivedAt: 1_760_000_000_001,
    connectionId: 'wtest.1',
    text,
  },
});

export const idOf = (spooled: SpoolEntry): string => (spooled.type === 'event' ? spooled.event._id : spooled.type);

export const connection = (id: string): ConnectionRecord => ({
  _id: id,
  platform: 'bilibili',
  roomId: '1',
  workerId: 'wtest',
  endpoint: 'ws://127.0.0.1',
  attempt: 1,
  connectedAt: 1_760_000_000_000,
});

export const progress = (id: string, taskToken = 'dG9rZW4='): StreamProgress => ({
  connection: connection(id),
  taskToken,
});

/** What one write of a batch came to that ended at `lastSeq`. */
export const written = (lastSeq: number, id = 'wtest:1', events = 1): BatchTotals => ({
  _id: id,
  workerId: 'wtest',
  firstSeq: 1,
  lastSeq,
  startedAt: 1_760_000_000_000,
  entries: events,
  events,
  inserted: events,
  duplicates: 0,
  bytes: 0,
  writes: 1,
  rooms: { [`bilibili:${lastSeq % 7}`]: events },
  kinds: { chat: events },
});

/** All there is at once. */
export const EVERYTHING = { maxEntries: 1_000_000, maxBytes: 1_000_000_000, lingerMs: 0 };

export const signalNow = () => AbortSignal.timeout(20_000);
