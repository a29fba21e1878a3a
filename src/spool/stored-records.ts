import { z } from 'zod';
import { BatchTotals } from '../model/batch.js';
import { ConnectionRecord } from '../model/connection.js';
import { AudiencePoint } from '../model/records.js';
import type { SpoolDatabase } from './database.js';
import type { Logger } from '../model/log.js';
import type { StreamProgress } from './spool.js';

const Progress = z.strictObject({
  connection: ConnectionRecord,
  taskToken: z.string(),
  audience: AudiencePoint.exactOptional(),
}) satisfies z.ZodType<StreamProgress>;

/** What the process before left of its streams and batches. A record that cannot be read is left where it is, and told of. */
export function readRecords(database: SpoolDatabase, log: Logger) {
  const { progress, batches } = database.tables;
  return { unfinished: readTable(progress, Progress, log), batchParts: readTable(batches, BatchTotals, log) };
}

function readTable<T>(
  table: { getRange(): Iterable<{ key: string; value: string }> },
  schema: z.ZodType<T>,
  log: Logger,
): Map<string, T> {
  const records = new Map<string, T>();
  for (const { key, value } of table.getRange()) {
    try {
      records.set(key, schema.parse(JSON.parse(value)));
    } catch {
      log.error({ key }, 'A record in the spool cannot be read, and is left out.');
    }
  }
  return records;
}
