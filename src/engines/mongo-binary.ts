import { arch, platform } from 'node:os';
import { DryMongoBinary } from 'mongodb-memory-server-core/lib/util/DryMongoBinary.js';
import { MongoBinaryDownloadUrl } from 'mongodb-memory-server-core/lib/util/MongoBinaryDownloadUrl.js';
import type { BinarySpec } from './binary.js';
import { downloadSource, type Archive } from './download-source.js';
import type { EngineSettings } from './engine.js';
import { FERRETDB_PATCHES } from './ferretdb-patches.js';
import { goSource, type GoBuild } from './go-source.js';

/** What mongodb-memory-server 11.3 itself downloads: the version its table of systems was made for. */
const MONGOD_VERSION = '8.2.6';
const FERRETDB_VERSION = '1.24.0';

const FERRETDB: GoBuild = {
  name: 'FerretDB',
  version: FERRETDB_VERSION,
  folder: 'ferretdb',
  // Its PostgreSQL backend stays out: it is a third of the build.
  tags: ['ferretdb_no_postgresql'],
  minutes: 1,
  patches: FERRETDB_PATCHES,
};

export const mongoBinary = (settings: EngineSettings): BinarySpec => ({
  onPath: { name: 'mongod', program: 'mongod', version: /db version v(\S+)/ },
  sources: [downloadSource({ name: 'mongod', version: MONGOD_VERSION, locate }), goSource(FERRETDB, settings)],
});

/**
 * The archive for this distribution. Only that knowledge is taken from mongodb-memory-server; the file is fetched here, because its own download has no
 * deadline and, unless npm says strict-ssl, does not check the server's certificate.
 */
async function locate(): Promise<Archive> {
  const options = await DryMongoBinary.generateOptions({ version: MONGOD_VERSION, downloadDir: '.' });
  const system = { version: MONGOD_VERSION, platform: platform(), arch: arch(), os: options.os };
  const url = await new MongoBinaryDownloadUrl(system).getDownloadUrl();
  return { url, program: platform() === 'win32' ? 'mongod.exe' : 'mongod', sha256Url: `${url}.sha256` };
}
