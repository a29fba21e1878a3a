package handler

import (
	"context"

	"github.com/FerretDB/FerretDB/internal/backends"
	"github.com/FerretDB/FerretDB/internal/types"
)

// insertParts inserts documents: all at once, or, where some of them are there already, by halves, until what is refused is one document. With a few of a
// thousand refused that is a few dozen transactions, where FerretDB itself makes one for each document. It returns the places of those that were there
// already; if isOrdered, it stops at the first of them.
func insertParts(ctx context.Context, c backends.Collection, docs []*types.Document, isOrdered bool) (map[int]bool, error) {
	duplicates := map[int]bool{}

	var insert func(from, to int) error
	insert = func(from, to int) error {
		if isOrdered && len(duplicates) > 0 {
			return nil
		}

		_, err := c.InsertAll(ctx, &backends.InsertAllParams{Docs: docs[from:to]})
		if !backends.ErrorCodeIs(err, backends.ErrorCodeInsertDuplicateID) {
			return err
		}

		if to-from == 1 {
			duplicates[from] = true
			return nil
		}

		middle := (from + to) / 2
		if err := insert(from, middle); err != nil {
			return err
		}

		return insert(middle, to)
	}

	return duplicates, insert(0, len(docs))
}
