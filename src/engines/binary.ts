import { constants } from 'node:fs';
import { access, mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import { arch, platform } from 'node:os';
import { delimiter, join } from 'node:path';
import { BarrageError } from '../model/errors.js';
import type { EngineOrigin, EngineSettings, Report } from './engine.js';
import { withLock } from './lock.js';
import { run } from './run.js';

/** A program on this disk that has been seen to run. */
export interface Binary {
  name: string;
  version: string;
  how: Exclude<EngineOrigin, 'named'>;
  path: string;
}

/** A way to get a binary that costs time once: into `target`, a path in an empty folder. Rejects with the reason in a few words. */
export interface Source {
  name: string;
  version: string;
  how: 'downloaded' | 'built';
  /** Tells apart binaries of the same version, such as by the sources they were built from. */
  fingerprint?: string;
  fetch(target: string, signal: AbortSignal, report: Report): Promise<void>;
}

/** One engine, in every form it can be had. */
export interface BinarySpec {
  /** On PATH, with a pattern that finds the version in the output of `--version`. */
  onPath: { name: string; program: string; version: RegExp };
  /** In order of preference. */
  sources: readonly Source[];
}

const CHOICES = { downloaded: 'download', built: 'build' } as const;

/**
 * Finds the engine on PATH, among what was downloaded or built before, or gets it now: cached ones come before the network, so that a start costs
 * no waiting for it. Throws `ENGINE_MISSING` with one sentence when nothing worked.
 */
export async function findBinary(
  spec: BinarySpec,
  settings: EngineSettings,
  report: Report,
  signal: AbortSignal,
): Promise<Binary> {
  const found = (await onPath(spec, settings, report)) ?? (await cached(spec, settings));
  if (found) return found;
  const reasons: string[] = [];
  for (const source of wanted(spec, settings)) {
    try {
      return await obtain(source, settings, report, signal);
    } catch (error) {
      signal.throwIfAborted();
      const reason = `${source.name} ${source.version} could not be ${source.how} (${wordsOf(error)})`;
      report(reason);
      reasons.push(reason);
    }
  }
  const tried = reasons.length > 0 ? reasons.join('; ') : `${spec.onPath.program} is not on PATH`;
  throw new BarrageError('ENGINE_MISSING', `There is no ${spec.onPath.name} to run: ${tried}.`);
}

const wanted = (spec: BinarySpec, { choice }: EngineSettings): readonly Source[] =>
  spec.sources.filter((source) => choice === 'auto' || choice === CHOICES[source.how]);

async function onPath(
  { onPath: spec }: BinarySpec,
  settings: EngineSettings,
  report: Report,
): Promise<Binary | undefined> {
  if (settings.choice !== 'auto' && settings.choice !== 'path') return undefined;
  const path = await findProgram(spec.program, settings.env);
  if (!path) return undefined;
  try {
    const [, version] = spec.version.exec(await run(path, ['--version'], { timeoutMs: 10_000 })) ?? [];
    return { name: spec.name, version: version ?? 'of unknown version', how: 'path', path };
  } catch (error) {
    report(`${path} does not run (${wordsOf(error)}); looking further`);
    return undefined;
  }
}

async function cached(spec: BinarySpec, settings: EngineSettings): Promise<Binary | undefined> {
  for (const source of wanted(spec, settings)) {
    const path = cachePath(source, settings);
    if (await isExecutable(path)) return { name: source.name, version: source.version, how: source.how, path };
  }
  return undefined;
}

/** Into a folder beside the cached file first, then renamed: nobody ever sees half a binary. */
async function obtain(source: Source, settings: EngineSettings, report: Report, signal: AbortSignal): Promise<Binary> {
  const path = cachePath(source, settings);
  await mkdir(settings.cacheDir, { recursive: true });
  const onWait = (): void => report(`another process is getting ${source.name} ${source.version}; waiting for it`);
  await withLock(`${path}.lock`, signal, onWait, async () => {
    if (await isExecutable(path)) return;
    const folder = await mkdtemp(`${path}.new-`);
    try {
      await source.fetch(join(folder, 'engine'), signal, report);
      await rename(join(folder, 'engine'), path);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });
  return { name: source.name, version: source.version, how: source.how, path };
}

const cachePath = (source: Source, { cacheDir }: EngineSettings): string => {
  const parts = [source.name.toLowerCase(), source.version, platform(), arch()];
  if (source.fingerprint) parts.push(source.fingerprint);
  return join(cacheDir, parts.join('-') + (platform() === 'win32' ? '.exe' : ''));
};

/** The full path of a program, as a shell would find it. */
export async function findProgram(program: string, env: NodeJS.ProcessEnv): Promise<string | undefined> {
  const name = platform() === 'win32' ? `${program}.exe` : program;
  for (const folder of (env['PATH'] ?? '').split(delimiter)) {
    if (folder && (await isExecutable(join(folder, name)))) return join(folder, name);
  }
  return undefined;
}

const isExecutable = (path: string): Promise<boolean> =>
  access(path, constants.X_OK).then(
    () => true,
    () => false,
  );

/** What an error says, short enough for a line; a failed `fetch` says why only in its cause. */
export function wordsOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const cause = error.cause instanceof Error ? `: ${error.cause.message}` : '';
  return `${error.message}${cause}`.replaceAll(/\s+/g, ' ').slice(0, 300);
}
