import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { cp, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { findProgram, type Source } from './binary.js';
import type { EngineSettings } from './engine.js';
import { withProgress } from './progress.js';
import { run } from './run.js';

/** The same place seen from src/engines and from dist/engines: the compiler copies no Go. */
const GO_SOURCES = fileURLToPath(new URL('../../src/engines/go/', import.meta.url));

const BUILD_WITHIN_MS = 30 * 60_000;

/** What is changed in a module. */
export interface Patch {
  module: string;
  /** Places in its files, each found by its text: a build fails when one is not there any more. */
  changes: readonly { file: string; from: string; to: string }[];
  /** Files that are put into it, from the folder of the build. */
  files: readonly { from: string; to: string }[];
}

export interface GoBuild {
  name: string;
  version: string;
  /** A folder beside this file's `go/`, with main.go, go.mod and go.sum. */
  folder: string;
  tags: readonly string[];
  /** What is changed in its modules for this build alone. */
  patches?: readonly Patch[];
  /** About how long it takes with nothing cached, for the person who waits. */
  minutes: number;
}

/** An engine compiled here from its pinned Go module: what works where only package registries are reached. */
export function goSource(build: GoBuild, settings: EngineSettings): Source {
  const original = join(GO_SOURCES, build.folder);
  const { name, version } = build;
  return {
    name,
    version,
    how: 'built',
    fingerprint: fingerprintOf(original, build),
    async fetch(target, signal, report) {
      const go = await findProgram('go', settings.env);
      if (!go) throw new Error('Go is not on PATH; install it from go.dev');
      const title = `building ${name} ${version} with Go (about ${build.minutes} minutes, once)`;
      const folder = join(dirname(target), 'source');
      await cp(original, folder, { recursive: true });
      const env = { ...settings.env, CGO_ENABLED: '0', GOWORK: 'off' };
      const limits = { cwd: folder, env, timeoutMs: BUILD_WITHIN_MS, signal };
      const goWith = (args: readonly string[]): Promise<string> => run(go, args, limits);
      await withProgress(report, title, async () => {
        for (const [index, patch] of (build.patches ?? []).entries()) {
          await applyPatch(patch, original, join(dirname(target), `patched-${index}`), goWith);
        }
        // Static, without paths or VCS stamps of this machine: the same sources give the same file.
        const flags = ['-trimpath', '-buildvcs=false', '-ldflags=-s -w', `-tags=${build.tags.join(',')}`];
        await goWith(['build', ...flags, '-o', target, '.']);
      });
    },
  };
}

/** Copies the module, changes the places, and points go.mod at the copy: files of Go's own cache cannot be replaced. */
async function applyPatch(
  { module, changes, files }: Patch,
  folder: string,
  copy: string,
  goWith: (args: readonly string[]) => Promise<string>,
): Promise<void> {
  await goWith(['mod', 'download', module]);
  const original = (await goWith(['list', '-m', '-f', '{{.Dir}}', module])).trim();
  await cp(original, copy, { recursive: true });
  await run('chmod', ['-R', 'u+w', copy], { timeoutMs: 60_000 });
  for (const { file, from, to } of changes) {
    const text = await readFile(join(copy, file), 'utf8');
    if (!text.includes(from)) throw new Error(`${file} of ${module} is not the one our patch is for`);
    await writeFile(join(copy, file), text.replace(from, to));
  }
  for (const { from, to } of files) await cp(join(folder, from), join(copy, to));
  await goWith(['mod', 'edit', `-replace=${module}=${copy}`]);
}

function fingerprintOf(folder: string, { tags, patches }: GoBuild): string {
  const hash = createHash('sha256').update(JSON.stringify([tags, patches]));
  const added = (patches ?? []).flatMap(({ files }) => files.map(({ from }) => from));
  for (const file of ['main.go', 'go.mod', 'go.sum', ...added]) hash.update(readFileSync(join(folder, file)));
  return hash.digest('hex').slice(0, 8);
}
