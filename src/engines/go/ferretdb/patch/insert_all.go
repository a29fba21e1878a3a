package sqlite

import (
	"context"
	"errors"

	sqlite3 "modernc.org/sqlite"
	sqlite3lib "modernc.org/sqlite/lib"

	"github.com/FerretDB/FerretDB/internal/backends"
	"github.com/FerretDB/FerretDB/internal/backends/sqlite/metadata"
	"github.com/FerretDB/FerretDB/internal/util/fsql"
	"github.com/FerretDB/FerretDB/internal/util/lazyerrors"
)

// InsertAll stores all documents or none, as FerretDB itself does, which encodes them while it keeps all others from writing.
func (c *collection) InsertAll(ctx context.Context, params *backends.InsertAllParams) (*backends.InsertAllResult, error) {
	if _, err := c.r.CollectionCreate(ctx, &metadata.CollectionCreateParams{DBName: c.dbName, Name: c.name}); err != nil {
		return nil, lazyerrors.Error(err)
	}

	result := new(backends.InsertAllResult)
	if len(params.Docs) == 0 {
		return result, nil
	}

	meta := c.r.CollectionGet(ctx, c.dbName, c.name)

	statement, args, err := prepareInsertStatement(meta.TableName, meta.Capped(), params.Docs)
	if err != nil {
		return nil, lazyerrors.Error(err)
	}

	err = c.r.DatabaseGetExisting(ctx, c.dbName).InTransaction(ctx, func(tx *fsql.Tx) error {
		_, err := tx.ExecContext(ctx, statement, args...)

		var refusal *sqlite3.Error
		if errors.As(err, &refusal) && refusal.Code() == sqlite3lib.SQLITE_CONSTRAINT_UNIQUE {
			return backends.NewError(backends.ErrorCodeInsertDuplicateID, err)
		}

		return err
	})
	if err != nil {
		return nil, err
	}

	return result, nil
}
