import { execFile } from 'node:child_process';
import { readFile, statfs } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { arch, availableParallelism, cpus, release, tmpdir, totalmem, type } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { z } from 'zod';

/** The libraries whose speed the figures depend on, and the clients that are compared. */
const PACKAGES = [
  'bilibili-live-ws',
  'tiny-bilibili-ws',
  'blive-message-listener',
  'ws',
  'lmdb',
  'mongodb',
  '@temporalio/worker',
];

const GIB = 1024 ** 3;

/** What the figures were measured on, and with which versions; a line each. */
export async function machineLines(): Promise<string[]> {
  const model = cpus()[0]?.model.trim() ?? 'unknown processor';
  const versions = await Promise.all(PACKAGES.map(async (name) => `${name} ${await versionOf(name)}`));
  const python = await blivedmVersion();
  return [
    `${model}, ${availableParallelism()} cores, ${Math.round(totalmem() / GIB)} GiB; ${type()} ${release()} ${arch()}; ` +
      `Node ${process.versions.node}, V8 ${process.versions.v8}`,
    [...versions, python === undefined ? 'blivedm (Python) is not installed' : `blivedm ${python} (Python)`].join(', '),
  ];
}

const TMPFS = 0x01021994;

/** Throws where temporary files are kept in memory: nothing is durable there, so nothing could be said of what that costs. */
export async function assertTemporaryFilesOnDisk(): Promise<void> {
  const folder = tmpdir();
  const { type: kind, bavail, bsize } = await statfs(folder);
  if (kind === TMPFS) throw new RangeError(`${folder} is in memory (tmpfs): name a folder on a disk with TMPDIR`);
  if (bavail * bsize < LEAST_FREE_BYTES)
    throw new RangeError(`${folder} has less than 10 GiB free: name another folder with TMPDIR`);
}

const LEAST_FREE_BYTES = 10 * GIB;

const Manifest = z.object({ name: z.string().optional(), version: z.string().optional() });

/** Of an installed package; found from its entry, since not every package exports its manifest. */
async function versionOf(name: string): Promise<string> {
  let folder = dirname(createRequire(import.meta.url).resolve(name));
  for (;;) {
    const text = await readFile(join(folder, 'package.json'), 'utf8').catch(() => '{}');
    const manifest = Manifest.parse(JSON.parse(text));
    if (manifest.name === name) return manifest.version ?? 'unknown';
    const parent = dirname(folder);
    if (parent === folder) return 'unknown';
    folder = parent;
  }
}

const ASK_BLIVEDM = "import blivedm, importlib.metadata as m; print(m.version('blivedm'))";

/** The version of the Python client, where Python has it. */
export async function blivedmVersion(): Promise<string | undefined> {
  const asked = await promisify(execFile)('python3', ['-c', ASK_BLIVEDM], { timeout: 20_000 }).catch(() => undefined);
  return asked?.stdout.trim() || undefined;
}
