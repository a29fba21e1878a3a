import { arch, platform } from 'node:os';
import { z } from 'zod';
import type { BinarySpec } from './binary.js';
import { request } from './download.js';
import { downloadSource, type Archive } from './download-source.js';
import type { EngineSettings } from './engine.js';
import { goSource } from './go-source.js';

/** The CLI whose Go module builds as a dependency; its dev server is 1.29.1 with UI 2.42.1. */
const TEMPORAL_CLI_VERSION = '1.5.1';

/** Answer of the service by which Temporal's SDKs find a CLI's archive, as their `ephemeral_server` module asks it. */
const DownloadInfo = z.object({ archiveUrl: z.url({ protocol: /^https$/ }), fileToExtract: z.string() });

export const temporalBinary = (settings: EngineSettings): BinarySpec => ({
  onPath: { name: 'Temporal', program: 'temporal', version: /version (\d+\.\d+\.\d+\S*)/ },
  sources: [
    downloadSource({ name: 'Temporal', version: TEMPORAL_CLI_VERSION, locate }),
    goSource({ name: 'Temporal', version: TEMPORAL_CLI_VERSION, folder: 'temporal', tags: [], minutes: 5 }, settings),
  ],
});

async function locate(signal: AbortSignal): Promise<Archive> {
  const system = platform() === 'win32' ? 'windows' : platform();
  const query = new URLSearchParams({ arch: arch() === 'x64' ? 'amd64' : arch(), platform: system, format: 'tar.gz' });
  const answer = await request(`https://temporal.download/cli/v${TEMPORAL_CLI_VERSION}?${query.toString()}`, signal);
  const { archiveUrl, fileToExtract } = DownloadInfo.parse(await answer.json());
  return { url: archiveUrl, program: fileToExtract };
}
