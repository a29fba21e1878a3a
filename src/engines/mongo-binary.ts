import { arch, platform } from 'node:os';
import { DryMongoBinary } from 'mongodb-memory-server-core/lib/util/DryMongoBinary.js';
import { MongoBinaryDownloadUrl } from 'mongodb-memory-server-core/lib/util/MongoBinaryDownloadUrl.js';
import type { BinarySpec } from './binary.js';
import { downloadSource, type Archive } from './download-source.js';
import type { EngineSettings } from './engine.js';
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
  patch: {
    module: 'github.com/FerretDB/FerretDB',
    changes: [
      {
        // Each update of a bulk write holds a connection until the whole command ends, and so does each open cursor. With a hundred of them taken,
        // everything waits for one more, for ever: one bulk write of a hundred updates stopped the server (seen with 1.24.0).
        file: 'internal/backends/sqlite/metadata/pool/opendb.go',
        from: 'db.SetMaxOpenConns(100)',
        to: 'db.SetMaxOpenConns(0)',
      },
      {
        // SQLite takes an index for the very expression it was made with only, and that of `_id` is made with ->"_id": else each look for one document,
        // as each update and delete begins with, reads its whole collection.
        file: 'internal/backends/sqlite/metadata/metadata.go',
        from: `IDColumn = DefaultColumn + "->'$._id'"`,
        to: `IDColumn = DefaultColumn + "->\\"_id\\""`,
      },
      // It looks into that index only where nothing is asked for beside `_id`, and into no other: else each question reads its whole collection.
      {
        file: 'internal/backends/sqlite/collection.go',
        from: '\tq += whereClause\n',
        to: '\twhereClause, args = prepareWhereClause(params.Filter)\n\tq += whereClause\n',
      },
      {
        file: 'internal/backends/sqlite/collection.go',
        from: '\torderByClause := prepareOrderByClause(params.Sort)\n',
        to: '\twhereClause, args = prepareWhereClause(params.Filter)\n\tfilterPushdown = whereClause != ""\n\torderByClause := prepareOrderByClause(params.Sort)\n',
      },
    ],
    files: [{ from: 'patch/narrow.go', to: 'internal/backends/sqlite/narrow.go' }],
  },
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
