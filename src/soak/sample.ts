import { statfs } from 'node:fs/promises';
import { totalmem } from 'node:os';
import { join } from 'node:path';
import type { MetricsPage } from '../cli/metrics-page.js';
import type { DrillSystem } from '../drills/system.js';
import type { FigureName, Limits, Sample } from './figures.js';
import { databaseSizes } from './file-sizes.js';
import { roomHistories, workflowCounts } from './histories.js';
import { processFigures } from './process-figures.js';

type Values = Partial<Record<FigureName, number | undefined>>;

/** Looks at everything once. What does not answer is left out. */
export async function takeSample(system: DrillSystem, startedAt: number): Promise<Sample> {
  const at = (Date.now() - startedAt) / 1_000;
  const [worker, engines, files, temporal] = await Promise.all([
    workerValues(system),
    engineValues(system),
    fileValues(system),
    temporalValues(system),
  ]);
  const values: Values = { ...worker, ...engines, ...files, ...temporal };
  const known = Object.entries(values).filter(([, value]) => value !== undefined && Number.isFinite(value));
  return { at, values: Object.fromEntries(known) };
}

async function workerValues(system: DrillSystem): Promise<Values> {
  const [[page], { threads }] = await Promise.all([system.metrics(), processFigures(system.workers[0]?.pid)]);
  return page === undefined ? {} : { ...pageValues(page), 'worker threads': threads };
}

const pageValues = (page: MetricsPage): Values => ({
  'worker memory': page.sum('process_resident_memory_bytes'),
  'worker heap': page.sum('nodejs_heap_size_used_bytes'),
  'worker external memory': page.sum('nodejs_external_memory_bytes'),
  'worker open files': page.sum('process_open_fds'),
  'worker event loop lag p99': page.sum('nodejs_eventloop_lag_p99_seconds'),
  'spool backlog': page.sum('barrage_spool_depth'),
  'spool live bytes': page.sum('barrage_spool_bytes'),
  'events stored': page.sum('barrage_events_stored_total', { outcome: 'inserted' }),
});

async function engineValues({ temporal, mongo }: DrillSystem): Promise<Values> {
  const [one, other] = await Promise.all([processFigures(temporal.current.pid), processFigures(mongo.current.pid)]);
  return {
    'Temporal memory': one.memoryBytes,
    'Temporal open files': one.openFiles,
    'MongoDB memory': other.memoryBytes,
    'MongoDB open files': other.openFiles,
  };
}

async function fileValues({ folder }: DrillSystem): Promise<Values> {
  const sizes = (...path: string[]): ReturnType<typeof databaseSizes> => databaseSizes(join(folder, ...path));
  const [spool, temporal, mongo] = await Promise.all([
    sizes('spool'),
    sizes('data', 'temporal'),
    sizes('data', 'mongodb'),
  ]);
  return {
    'spool file': spool.data,
    'Temporal database': temporal.data,
    'Temporal write-ahead log': temporal.log,
    'MongoDB database': mongo.data,
    'MongoDB write-ahead log': mongo.log,
  };
}

async function temporalValues({ client, roomIds }: DrillSystem): Promise<Values> {
  const [histories, counts] = await Promise.all([roomHistories(client, roomIds), workflowCounts(client)]);
  return {
    'longest history': histories?.longest,
    'mean history': histories?.mean,
    'largest history': histories?.largestBytes,
    'mean history size': histories?.meanBytes,
    'workflows running': counts?.running,
    'workflows kept': counts && counts.all - counts.running,
  };
}

/** What there is to fill up, as the load begins. */
export async function limitsOf(system: DrillSystem): Promise<Limits> {
  const [disk, quota, { openFilesLimit }] = await Promise.all([
    statfs(system.folder),
    system.sum('barrage_spool_quota_bytes'),
    processFigures(system.workers[0]?.pid),
  ]);
  return {
    memoryBytes: totalmem(),
    diskBytes: disk.bavail * disk.bsize,
    openFiles: openFilesLimit ?? 1_024,
    spoolBytes: quota ?? 0,
  };
}
