import type { TestProject } from 'vitest/node';
import { engineSettings } from '../src/engines/engine.js';
import { startMongo } from '../src/engines/mongo.js';
import { prepareEngines } from '../src/engines/prepare.js';
import { startTemporal } from '../src/engines/temporal.js';
import { SEARCH_ATTRIBUTES } from '../src/model/search-attributes.js';

declare module 'vitest' {
  export interface ProvidedContext {
    /** `host:port` of the suite's Temporal; take a `freshNamespace` of it. */
    temporalAddress: string;
    temporalUiUrl: string;
    /** The suite's MongoDB-speaking server; take a database of your own. */
    mongoUri: string;
  }
}

/** One Temporal and one MongoDB for the whole suite, real ones, on temporary data; a test that kills or stops an engine starts its own. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const report = (line: string): void => void process.stderr.write(`${line}\n`);
  const settings = engineSettings(process.env);
  await prepareEngines(settings, report);
  const [temporal, mongo] = await Promise.all([
    startTemporal({ settings, report, searchAttributes: SEARCH_ATTRIBUTES }),
    startMongo({ settings, report }),
  ]);
  project.provide('temporalAddress', temporal.address);
  project.provide('temporalUiUrl', temporal.uiUrl ?? '');
  project.provide('mongoUri', mongo.address);
  return async () => {
    await Promise.all([temporal.stop(), mongo.stop()]);
  };
}
