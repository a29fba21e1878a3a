import { findBinary, type Binary } from './binary.js';
import type { EngineSettings, Report } from './engine.js';
import { mongoBinary } from './mongo-binary.js';
import { temporalBinary } from './temporal-binary.js';

/** Makes sure that both engines can be started at once, by downloading or building what is missing; starts nothing. */
export async function prepareEngines(
  settings: EngineSettings,
  report: Report,
  signal: AbortSignal = new AbortController().signal,
): Promise<{ temporal: Binary; mongo: Binary }> {
  const get = async (spec: Parameters<typeof findBinary>[0]): Promise<Binary> => {
    const binary = await findBinary(spec, settings, report, signal);
    report(`${binary.name} ${binary.version}: ${binary.how}, at ${binary.path}`);
    return binary;
  };
  // One after the other: each build takes all the cores there are.
  return { temporal: await get(temporalBinary(settings)), mongo: await get(mongoBinary(settings)) };
}
