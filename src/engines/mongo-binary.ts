import { arch, platform } from 'node:os';
import { DryMongoBinary } from 'mongodb-memory-server-core/lib/util/DryMongoBinary.js';
import { MongoBinaryDownloadUrl } from 'mongodb-memory-server-core/lib/util/MongoBinaryDownloadUrl.js';
import type { BinarySpec } from './binary.js';
import { downloadSource, type Archive } from './download-source.js';
import type { EngineSettings } from './engine.js';
import { goSource, type GoBuild, type Patch } from './go-source.js';

/** What mongodb-memory-server 11.3 itself downloads: the version its table of systems was made for. */
const MONGOD_VERSION = '8.2.6';
const FERRETDB_VERSION = '1.24.0';

/** Its messages, each answer of which it reads again, twice, before it sends it. What it receives is still read as a whole before it is believed. */
const WIRE: Patch = {
  module: 'github.com/FerretDB/wire',
  changes: [
    { file: 'wire.go', from: 'const debugbuild = true', to: 'const debugbuild = false' },
    {
      file: 'op_msg.go',
      from: '\tmsg.sections = sections\n\n\tif debugbuild || CheckNaNs {',
      to: '\tmsg.sections = sections\n\n\tif debugbuild {',
    },
  ],
  files: [],
};

const FERRETDB: GoBuild = {
  name: 'FerretDB',
  version: FERRETDB_VERSION,
  folder: 'ferretdb',
  // Its PostgreSQL backend stays out: it is a third of the build.
  tags: ['ferretdb_no_postgresql'],
  minutes: 1,
  patches: [
    {
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
        // A document is written as JSON with its schema: what most of the work of storing and reading was.
        {
          file: 'internal/handler/sjson/sjson.go',
          from: 'func Marshal(d *types.Document)',
          to: 'func _(d *types.Document)',
        },
        {
          file: 'internal/handler/sjson/sjson.go',
          from: 'func Unmarshal(data []byte)',
          to: 'func unmarshalSlowly(data []byte)',
        },
        // Each command is decoded once more, with all documents of an insert, to look for a comment with the place of a trace in it.
        {
          file: 'internal/clientconn/conn.go',
          from: '\t\tdocument, err = bson.ToDocument(doc)\n',
          to: '\t\tdocument, err = types.NewDocument()\n',
        },
        { file: 'internal/clientconn/conn.go', from: '\t"github.com/FerretDB/FerretDB/internal/bson"\n', to: '' },
        // Where no fields are named, it copies each document, and all that is in it, to leave none out.
        {
          file: 'internal/handler/common/projection.go',
          from: 'inclusion bool) (*types.Document, error) {\n\tprojected, err := types.NewDocument("_id"',
          to: 'inclusion bool) (*types.Document, error) {\n\tif projection.Len() == 0 {\n\t\treturn doc, nil\n\t}\n\n\tprojected, err := types.NewDocument("_id"',
        },
        // An aid to its developers: each iterator is entered into a profile, with its stack, and the server ends where one was not closed.
        {
          file: 'internal/util/resource/resource.go',
          from: 'func Track(obj any, token *Token) {\n',
          to: 'func Track(obj any, token *Token) {\n\treturn\n',
        },
        {
          file: 'internal/util/resource/resource.go',
          from: 'func Untrack(obj any, token *Token) {\n',
          to: 'func Untrack(obj any, token *Token) {\n\treturn\n',
        },
      ],
      files: [
        { from: 'patch/narrow.go', to: 'internal/backends/sqlite/narrow.go' },
        { from: 'patch/marshal.go', to: 'internal/handler/sjson/marshal_quickly.go' },
        { from: 'patch/unmarshal.go', to: 'internal/handler/sjson/unmarshal_quickly.go' },
      ],
    },
    WIRE,
  ],
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
