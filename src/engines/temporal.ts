import { Connection, type ConnectionOptions } from '@temporalio/client';
import { join } from 'node:path';
import { BarrageError } from '../model/errors.js';
import { findBinary, wordsOf } from './binary.js';
import type { Engine, EngineOptions } from './engine.js';
import { launch } from './launch.js';
import { namedEngine } from './named-engine.js';
import { ensureSearchAttributes, type SearchAttributeTypes } from './search-attributes.js';
import { temporalBinary } from './temporal-binary.js';
import { KEPT_LOG_BYTES } from './write-ahead-log.js';

const ANSWER_WITHIN_MS = 5_000;
const NEVER = new AbortController().signal;

/**
 * The server asks its makers for news of versions, and tells them its own, unless told not to. Its HTTP interface, on a port of its own choosing,
 * takes a start of a workflow from any web page that knows the port, so it answers to a name that nobody can have (RFC 6761).
 */
const CLOSED = { 'frontend.enableServerVersionCheck': false, 'frontend.httpAllowedHosts': ['closed.invalid'] };

/** Priorities need the new matcher. An activity that goes straight to the worker that asked for it spares a task, a poll and a write. */
const PREFERRED = { 'matching.useNewMatcher': true, 'system.enableActivityEagerExecution': true };

export interface TemporalOptions extends EngineOptions {
  /** A server of somebody else's: nothing is started or registered there, only asked whether it answers. */
  named?: ConnectionOptions;
  /** Port of the Web UI, on 127.0.0.1. Absent or 0: a free one. */
  uiPort?: number;
  /** Made if it is not there. Default: `default`. */
  namespace?: string;
  searchAttributes: SearchAttributeTypes;
  /** Beside those of ours, and instead of them. */
  dynamicConfig?: Readonly<Record<string, string | number | boolean>>;
}

/**
 * Finds or starts Temporal; ready means that its frontend, the namespace with its search attributes, and the UI answer.
 * Throws `TEMPORAL_UNAVAILABLE` for a named one, `ENGINE_MISSING` or `ENGINE_FAILED` for one of ours.
 */
export async function startTemporal(options: TemporalOptions): Promise<Engine> {
  const namespace = options.namespace ?? 'default';
  if (options.named) return reachTemporal(options.named, namespace);
  const signal = options.signal ?? NEVER;
  const { settings, report } = options;
  const binary = await findBinary(temporalBinary(settings), settings, report, signal);
  const plan = {
    id: 'temporal',
    binary,
    ports: [options.port ?? 0, options.uiPort ?? 0],
    args: (folder: string, [port = 0, uiPort = 0]: readonly number[]) => devServerArgs(options, folder, port, uiPort),
    ask: ([port = 0, uiPort = 0]: readonly number[]) => answers(port, uiPort, namespace, options.searchAttributes),
    describe: ([port = 0, uiPort = 0]: readonly number[]) => ({
      address: `127.0.0.1:${port}`,
      uiUrl: `http://127.0.0.1:${uiPort}`,
    }),
  };
  const engine = await launch(plan, options, signal);
  report(`Temporal (CLI ${binary.version}, ${binary.how}) serves ${engine.address}, its UI ${engine.uiUrl}`);
  return engine;
}

function devServerArgs(options: TemporalOptions, folder: string, port: number, uiPort: number): string[] {
  const config = { ...PREFERRED, ...CLOSED, ...options.dynamicConfig };
  // Kept data must outlive a power cut; a temporary server need not wait for the disk.
  const synchronous = options.dataDir === undefined ? 'off' : 'full';
  return [
    ...['server', 'start-dev', '--log-level', 'warn', '--log-format', 'text', '--color', 'never'],
    ...['--ip', '127.0.0.1', '--port', String(port), '--ui-ip', '127.0.0.1', '--ui-port', String(uiPort)],
    ...['--db-filename', join(folder, 'temporal.db'), '--namespace', options.namespace ?? 'default'],
    ...['--sqlite-pragma', 'journal_mode=wal', '--sqlite-pragma', `synchronous=${synchronous}`],
    ...['--sqlite-pragma', `journal_size_limit=${KEPT_LOG_BYTES}`, '--sqlite-pragma', 'temp_store=memory'],
    ...Object.entries(config).flatMap(([key, value]) => ['--dynamic-config-value', `${key}=${JSON.stringify(value)}`]),
  ];
}

async function answers(
  port: number,
  uiPort: number,
  namespace: string,
  searchAttributes: SearchAttributeTypes,
): Promise<void> {
  const connection = await Connection.connect({ address: `127.0.0.1:${port}`, connectTimeout: 2_000 });
  try {
    const within = Date.now() + ANSWER_WITHIN_MS;
    await connection.withDeadline(within, () => connection.workflowService.describeNamespace({ namespace }));
    await ensureSearchAttributes(connection, namespace, searchAttributes);
  } finally {
    await connection.close();
  }
  const ui = await fetch(`http://127.0.0.1:${uiPort}/`, { signal: AbortSignal.timeout(ANSWER_WITHIN_MS) });
  await ui.body?.cancel();
  if (!ui.ok) throw new Error(`its UI answers ${ui.status}`);
}

async function reachTemporal(named: ConnectionOptions, namespace: string): Promise<Engine> {
  const address = named.address ?? '127.0.0.1:7233';
  const fail = (what: string): never => {
    throw new BarrageError('TEMPORAL_UNAVAILABLE', `Temporal at ${address} ${what}.`);
  };
  const failed = (error: unknown): never => fail(`does not answer (${wordsOf(error)})`);
  const connection = await Connection.connect({ ...named, connectTimeout: ANSWER_WITHIN_MS }).catch(failed);
  try {
    const within = <T>(call: () => Promise<T>): Promise<T> =>
      connection.withDeadline(Date.now() + ANSWER_WITHIN_MS, call);
    const info = await within(() => connection.workflowService.getSystemInfo({})).catch(failed);
    await within(() => connection.workflowService.describeNamespace({ namespace })).catch((error: unknown) =>
      fail(`has no usable namespace "${namespace}" (${wordsOf(error)})`),
    );
    return namedEngine('Temporal', info.serverVersion ?? 'of unknown version', address);
  } finally {
    await connection.close();
  }
}
