import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { type Engine, type EngineExit, engineSettings } from '../src/engines/engine.js';
import { startMongo } from '../src/engines/mongo.js';
import { prepareEngines } from '../src/engines/prepare.js';
import { startTemporal } from '../src/engines/temporal.js';
import { SEARCH_ATTRIBUTES } from '../src/model/search-attributes.js';
import { bundleWorkflows } from '../src/workers/bundle.js';

declare module 'vitest' {
  export interface ProvidedContext {
    /** `host:port` of the suite's Temporal; take a `freshNamespace` of it. */
    temporalAddress: string;
    temporalUiUrl: string;
    /** The suite's MongoDB-speaking server; take a database of your own. */
    mongoUri: string;
    /** The workflows' code, for `Worker.create`: the same for all files. */
    workflowBundlePath: string;
  }
}

/** In characters: what a Go program says when it breaks down begins with why. */
const LONGEST_LOG = 20_000;

/** One Temporal and one MongoDB for the whole suite, real ones, on temporary data; a test that kills or stops an engine starts its own. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const report = (line: string): void => void process.stderr.write(`${line}\n`);
  const settings = engineSettings(process.env);
  await prepareEngines(settings, report);
  const [temporal, mongo, bundle] = await Promise.all([
    startTemporal({ settings, report, searchAttributes: SEARCH_ATTRIBUTES }),
    startMongo({ settings, report }),
    writeBundle(),
  ]);
  let isOver = false;
  for (const engine of [temporal, mongo])
    void engine.exited.then((exit) => (isOver ? undefined : tellOfTheEnd(engine, exit)));
  project.provide('temporalAddress', temporal.address);
  project.provide('temporalUiUrl', temporal.uiUrl ?? '');
  project.provide('mongoUri', mongo.address);
  project.provide('workflowBundlePath', bundle.path);
  return async () => {
    isOver = true;
    await Promise.all([temporal.stop(), mongo.stop(), rm(bundle.folder, { recursive: true })]);
  };
}

/** A server that is gone fails every file after it, each in its own words; this is the one line that says why. */
async function tellOfTheEnd({ name, logFile }: Engine, { code, signal }: EngineExit): Promise<void> {
  const log = logFile === undefined ? '' : await readFile(logFile, 'utf8').catch(() => '');
  process.stderr.write(
    `${name} of the suite ended in the middle of it (${signal ?? `exit code ${code}`}); its log:\n${log.slice(-LONGEST_LOG)}\n`,
  );
}

/** Making a bundle takes seconds, and most files want one. */
async function writeBundle(): Promise<{ folder: string; path: string }> {
  const folder = await mkdtemp(join(tmpdir(), 'barrage-bundle-'));
  const path = join(folder, 'workflow-bundle.js');
  await writeFile(path, (await bundleWorkflows()).code);
  return { folder, path };
}
