package sqlite

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/FerretDB/FerretDB/internal/backends/sqlite/metadata"
	"github.com/FerretDB/FerretDB/internal/handler/sjson"
	"github.com/FerretDB/FerretDB/internal/types"
	"github.com/FerretDB/FerretDB/internal/util/must"
)

// Only what stands between quotes as it is.
var plainKey = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9]*$`)

// The fields whose times barrage asks by. Times are compared as text, which is right for thirteen digits: from 2001 to 2286.
var timeKeys = map[string]bool{"startedAt": true, "to": true}

// prepareWhereClause gives SQL that holds for every document the filter matches, and for others, too: FerretDB itself compares all that it reads.
// Each column stands there as in the expressions of FerretDB's indexes, so that SQLite takes them.
func prepareWhereClause(filter *types.Document) (string, []any) {
	condition, args := narrow(filter)
	if condition == "" {
		return "", nil
	}

	return " WHERE " + condition, args
}

func narrow(filter *types.Document) (string, []any) {
	if filter.Has("_id") {
		switch id := must.NotFail(filter.Get("_id")).(type) {
		case string, types.ObjectID:
			return metadata.IDColumn + " = ?", []any{string(must.NotFail(sjson.MarshalSingleValue(id)))}
		}
	}

	var conditions []string
	var args []any

	for _, key := range filter.Keys() {
		condition, some := narrowBy(key, must.NotFail(filter.Get(key)))
		if condition != "" {
			conditions = append(conditions, condition)
			args = append(args, some...)
		}
	}

	return strings.Join(conditions, " AND "), args
}

func narrowBy(key string, value any) (string, []any) {
	if alternatives, ok := value.(*types.Array); ok && key == "$or" {
		return narrowByAny(alternatives)
	}

	if !plainKey.MatchString(key) {
		return "", nil
	}

	column := fmt.Sprintf("%s->%q", metadata.DefaultColumn, key)

	switch v := value.(type) {
	case string:
		// An array that contains the string matches, too.
		equal := fmt.Sprintf(`(%[1]s = ? OR (%[1]s >= '[' AND %[1]s < '\'))`, column)
		return equal, []any{string(must.NotFail(sjson.MarshalSingleValue(v)))}
	case *types.Document:
		return narrowByOperators(key, column, v)
	}

	return "", nil
}

func narrowByAny(alternatives *types.Array) (string, []any) {
	var conditions []string
	var args []any

	for i := range alternatives.Len() {
		alternative, ok := must.NotFail(alternatives.Get(i)).(*types.Document)
		if !ok {
			return "", nil
		}

		condition, some := narrow(alternative)
		if condition == "" {
			return "", nil
		}

		conditions = append(conditions, "("+condition+")")
		args = append(args, some...)
	}

	if len(conditions) == 0 {
		return "", nil
	}

	return "(" + strings.Join(conditions, " OR ") + ")", args
}

func narrowByOperators(key, column string, operators *types.Document) (string, []any) {
	if exists, err := operators.Get("$exists"); err == nil && exists == false {
		return column + " IS NULL", nil
	}

	since, err := operators.Get("$gte")
	if err != nil || !timeKeys[key] {
		return "", nil
	}

	at, ok := since.(time.Time)
	if !ok {
		return "", nil
	}

	text := strconv.FormatInt(at.UnixMilli(), 10)
	if len(text) != 13 || text[0] == '-' {
		return "", nil
	}

	return column + " >= ?", []any{text}
}
