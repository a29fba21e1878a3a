import { chmod, mkdir, readdir, rename } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Source } from './binary.js';
import { request, save, sha256 } from './download.js';
import { withProgress } from './progress.js';
import { run } from './run.js';

/** Where an archive is, and what of it is the program. */
export interface Archive {
  url: string;
  /** File name of the program inside, in whatever folder. */
  program: string;
  /** Of a file whose first word is the archive's SHA-256, where the publisher has one. */
  sha256Url?: string;
}

export interface DownloadSpec {
  name: string;
  version: string;
  /** Asks the publisher, or computes; rejects where there is nothing for this system. */
  locate: (signal: AbortSignal) => Promise<Archive>;
}

/** An engine as its makers publish it. What comes is run once before it is kept: a binary for another libc falls through to the next source. */
export const downloadSource = ({ name, version, locate }: DownloadSpec): Source => ({
  name,
  version,
  how: 'downloaded',
  fetch: (target, signal, report) =>
    withProgress(report, `downloading ${name} ${version}`, async (detail) => {
      const archive = await locate(signal);
      const file = join(dirname(target), archive.url.endsWith('.zip') ? 'archive.zip' : 'archive.tgz');
      await save(archive.url, file, signal, detail);
      if (archive.sha256Url) await verify(file, archive.sha256Url, signal);
      await extract(file, archive.program, target, signal);
      await run(target, ['--version'], { timeoutMs: 10_000, signal });
    }),
});

async function verify(file: string, sha256Url: string, signal: AbortSignal): Promise<void> {
  const [expected] = (await (await request(sha256Url, signal)).text()).trim().split(/\s+/);
  if (expected !== (await sha256(file))) throw new Error('its SHA-256 is not the published one');
}

/** With the system's `tar`, which every supported system has; on Windows it opens zip files, too. */
async function extract(file: string, program: string, target: string, signal: AbortSignal): Promise<void> {
  const folder = join(dirname(target), 'unpacked');
  await mkdir(folder);
  await run('tar', ['-xf', file, '-C', folder], { timeoutMs: 5 * 60_000, signal });
  const names = await readdir(folder, { recursive: true });
  const found = names.find((name) => name === program || name.endsWith(`/${program}`) || name.endsWith(`\\${program}`));
  if (!found) throw new Error(`the archive holds no ${program}`);
  await rename(join(folder, found), target);
  await chmod(target, 0o755);
}
