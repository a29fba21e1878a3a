import type { Patch } from './go-source.js';

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

const RETURN_FAILURE = '\t\tif err != nil {\n\t\t\treturn nil, lazyerrors.Error(err)\n\t\t}\n';

const writeInTurn = (failure: string): string => `	if err := db.writing.begin(ctx); err != nil {
		return ${failure}
	}
	defer db.writing.end()

`;

const FERRETDB: Patch = {
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
    // Documents are stored by the hundred, a transaction each, and, where one of them was there already, one by one.
    { file: 'ferretdb/ferretdb.go', from: 'BatchSize:               100,', to: 'BatchSize:               1000,' },
    {
      file: 'internal/handler/msg_insert.go',
      from: '\tfor !done {\n',
      to: '\tfor !done && !(params.Ordered && len(writeErrors) > 0) {\n',
    },
    {
      file: 'internal/handler/msg_insert.go',
      from: '\t\tif _, err = c.InsertAll(connCtx, &backends.InsertAllParams{Docs: docs}); err == nil {\n',
      to: `\t\tduplicates, err := insertParts(connCtx, c, docs, params.Ordered)\n${RETURN_FAILURE}\t\tif len(duplicates) == 0 {\n`,
    },
    {
      file: 'internal/handler/msg_insert.go',
      from: '\t\tfor j, doc := range docs {\n',
      to: '\t\tfor j := range docs {\n',
    },
    {
      file: 'internal/handler/msg_insert.go',
      from: 'if _, err = c.InsertAll(connCtx, &backends.InsertAllParams{\n\t\t\t\tDocs: []*types.Document{doc},\n\t\t\t}); err == nil {\n',
      to: 'if !duplicates[j] {\n',
    },
    {
      file: 'internal/handler/msg_insert.go',
      from: '\t\t\tif !backends.ErrorCodeIs(err, backends.ErrorCodeInsertDuplicateID) {\n\t\t\t\treturn nil, lazyerrors.Error(err)\n\t\t\t}\n',
      to: '',
    },
    {
      file: 'internal/backends/sqlite/collection.go',
      from: 'func (c *collection) InsertAll(',
      to: 'func (c *collection) _(',
    },
    // An insert that fails is given up as a whole, so SQLite need not keep what each of its pages was before.
    { file: 'internal/backends/sqlite/insert.go', from: '`INSERT INTO %q', to: '`INSERT OR ROLLBACK INTO %q' },
    // One writes at a time, and the others wait in a row.
    {
      file: 'internal/util/fsql/db.go',
      from: '\tBatchSize int\n}',
      to: '\tBatchSize int\n\twriting   writing\n}',
    },
    {
      file: 'internal/util/fsql/db.go',
      from: 'resource.NewToken(),\n\t}\n\n\tresource.Track(res',
      to: 'resource.NewToken(),\n\t\twriting:          newWriting(),\n\t}\n\n\tresource.Track(res',
    },
    {
      file: 'internal/util/fsql/db.go',
      from: '\tvar sqlTx *sql.Tx\n',
      to: `${writeInTurn('err')}\tvar sqlTx *sql.Tx\n`,
    },
    {
      file: 'internal/util/fsql/db.go',
      from: '\tres, err := db.sqlDB.ExecContext(',
      to: `${writeInTurn('nil, err')}\tres, err := db.sqlDB.ExecContext(`,
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
    { from: 'patch/insert_all.go', to: 'internal/backends/sqlite/insert_all.go' },
    { from: 'patch/insert_parts.go', to: 'internal/handler/insert_parts.go' },
    { from: 'patch/letters.go', to: 'internal/handler/sjson/letters.go' },
    { from: 'patch/writing.go', to: 'internal/util/fsql/writing.go' },
    { from: 'patch/marshal.go', to: 'internal/handler/sjson/marshal_quickly.go' },
    { from: 'patch/unmarshal.go', to: 'internal/handler/sjson/unmarshal_quickly.go' },
  ],
};

/** What is changed in FerretDB, and why; its license, Apache 2.0, allows it. */
export const FERRETDB_PATCHES: readonly Patch[] = [FERRETDB, WIRE];
