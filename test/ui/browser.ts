import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { type BrowserContext, chromium } from 'playwright-core';

const UNPACK_WITHIN_MS = 120_000;
const LAUNCH_WITHIN_MS = 60_000;
const STEP_WITHIN_MS = 20_000;

/** Says to the package that nothing is installed: it then brings the shared libraries along, too. */
const BARE_MACHINE = 'AWS_Lambda_nodejs20.x';

/** No sandbox, because tests may run as root; and nothing that calls home. */
const FLAGS = [
  ...['--no-sandbox', '--disable-gpu', '--no-first-run', '--font-render-hinting=none'],
  ...['--disable-background-networking', '--disable-component-update', '--disable-sync'],
];

export interface Browser {
  context: BrowserContext;
  /** Ends the browser and removes everything it wrote. */
  close(): Promise<void>;
}

/** A headless browser of its own, from a package, unpacked into a temporary folder. */
export async function openBrowser(): Promise<Browser> {
  const folder = await mkdtemp(join(tmpdir(), 'barrage-browser-'));
  const remove = (): Promise<void> => rm(folder, { recursive: true, force: true, maxRetries: 5 });
  try {
    const executablePath = await unpack(folder);
    await nameFonts(join(folder, 'fonts'));
    const context = await chromium.launchPersistentContext(join(folder, 'profile'), {
      executablePath,
      headless: true,
      args: FLAGS,
      env: {
        ...process.env,
        HOME: folder,
        TMPDIR: folder,
        LD_LIBRARY_PATH: join(folder, 'al2023', 'lib'),
        FONTCONFIG_PATH: join(folder, 'fonts'),
      },
      viewport: { width: 1280, height: 800 },
      timezoneId: 'UTC',
      timeout: LAUNCH_WITHIN_MS,
    });
    context.setDefaultTimeout(STEP_WITHIN_MS);
    return {
      context,
      close: async () => {
        await context.close();
        await remove();
      },
    };
  } catch (error) {
    await remove();
    throw error;
  }
}

async function unpack(folder: string): Promise<string> {
  const script = fileURLToPath(new URL('unpack-chromium.js', import.meta.url));
  const env = { ...process.env, TMPDIR: folder, AWS_EXECUTION_ENV: BARE_MACHINE };
  const { stdout } = await promisify(execFile)(process.execPath, [script], { env, timeout: UNPACK_WITHIN_MS });
  return stdout;
}

/** The package's own list of folders names one place only, and without any font the browser dies of the first text. */
async function nameFonts(folder: string): Promise<void> {
  const folders = [folder, '/usr/share/fonts', '/usr/local/share/fonts'].map((one) => `<dir>${one}</dir>`);
  const lines = ['<?xml version="1.0"?>', '<fontconfig>', ...folders, `<cachedir>${folder}/cache</cachedir>`];
  await writeFile(join(folder, 'fonts.conf'), [...lines, '</fontconfig>', ''].join('\n'));
}
