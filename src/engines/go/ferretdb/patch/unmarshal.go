package sjson

import (
	"bytes"
	"encoding/json"
	"strconv"
	"sync"
	"time"
	"unicode/utf8"

	"github.com/FerretDB/FerretDB/internal/types"
)

const schemaPrefix = `{"$s":`

// What is remembered: documents of one shape have one schema, which is longer than most of them.
const (
	maxSchemas     = 2_048
	maxSchemaBytes = 8 * 1024
)

var schemas = struct {
	sync.RWMutex
	known map[string]*schema
}{known: map[string]*schema{}}

// Unmarshal decodes a document as Marshal writes it: its schema first, then its fields in that order, without white space. Whatever is not so, and all
// that is rare, is left to FerretDB's own way, which parses the schema of each document anew and every value three times over.
func Unmarshal(data []byte) (*types.Document, error) {
	if bytes.HasPrefix(data, []byte(letteredPrefix)) {
		return unmarshalLettered(data)
	}

	if document := unmarshalQuickly(data); document != nil {
		return document, nil
	}

	return unmarshalSlowly(data)
}

func unmarshalQuickly(data []byte) *types.Document {
	if !bytes.HasPrefix(data, []byte(schemaPrefix)) {
		return nil
	}

	end := endOfValue(data, len(schemaPrefix))
	if end < 0 {
		return nil
	}

	sch := schemaOf(data[len(schemaPrefix):end])
	if sch == nil {
		return nil
	}

	r := reader{data: data, at: end}
	document := r.fields(sch, false)

	if r.failed || r.at != len(data) {
		return nil
	}

	return document
}

func schemaOf(text []byte) *schema {
	schemas.RLock()
	known := schemas.known[string(text)]
	schemas.RUnlock()

	if known != nil {
		return known
	}

	sch := new(schema)
	if json.Unmarshal(text, sch) != nil || len(sch.Keys) != len(sch.Properties) {
		return nil
	}

	if len(text) <= maxSchemaBytes {
		schemas.Lock()
		if len(schemas.known) >= maxSchemas {
			clear(schemas.known)
		}
		schemas.known[string(text)] = sch
		schemas.Unlock()
	}

	return sch
}

type reader struct {
	data   []byte
	at     int
	failed bool
}

func (r *reader) next(sign byte) bool {
	if r.at < len(r.data) && r.data[r.at] == sign {
		r.at++
		return true
	}

	r.failed = true

	return false
}

// fields reads the fields of an object and the brace behind them; those within the document itself come after a comma, as its schema is the first.
func (r *reader) fields(sch *schema, isFirst bool) *types.Document {
	document := new(types.Document)

	for _, key := range sch.Keys {
		if !isFirst && !r.next(',') {
			return nil
		}

		isFirst = false

		if !r.key(key) {
			return nil
		}

		value := r.value(sch.Properties[key])
		if r.failed {
			return nil
		}

		document.Set(key, value)
	}

	r.next('}')

	return document
}

func (r *reader) key(key string) bool {
	end := r.at + len(key) + 3
	if end > len(r.data) || r.data[r.at] != '"' || string(r.data[r.at+1:end-2]) != key || string(r.data[end-2:end]) != `":` {
		r.failed = true
		return false
	}

	r.at = end

	return true
}

func (r *reader) value(sch *elem) any {
	if sch == nil || r.at >= len(r.data) {
		r.failed = true
		return nil
	}

	switch {
	case sch.Type == elemTypeObject && sch.Schema != nil && r.data[r.at] == '{':
		r.at++
		return r.fields(sch.Schema, true)
	case sch.Type == elemTypeArray && r.data[r.at] == '[':
		r.at++
		return r.items(sch.Items)
	}

	end := endOfValue(r.data, r.at)
	if end < 0 {
		r.failed = true
		return nil
	}

	text := r.data[r.at:end]
	r.at = end

	return r.single(text, sch)
}

func (r *reader) items(schemas []*elem) *types.Array {
	array := types.MakeArray(len(schemas))

	for i, sch := range schemas {
		if i > 0 && !r.next(',') {
			return nil
		}

		value := r.value(sch)
		if r.failed {
			return nil
		}

		array.Append(value)
	}

	r.next(']')

	return array
}

// single reads what is no object and no array.
func (r *reader) single(text []byte, sch *elem) any {
	switch sch.Type {
	case elemTypeString:
		if len(text) >= 2 && text[0] == '"' && bytes.IndexByte(text, '\\') < 0 && utf8.Valid(text) {
			return string(text[1 : len(text)-1])
		}
	case elemTypeDate:
		if at, err := strconv.ParseInt(string(text), 10, 64); err == nil {
			return time.UnixMilli(at)
		}
	case elemTypeDouble:
		if number, err := strconv.ParseFloat(string(text), 64); err == nil {
			return number
		}
	case elemTypeLong:
		if number, err := strconv.ParseInt(string(text), 10, 64); err == nil {
			return number
		}
	case elemTypeInt:
		if number, err := strconv.ParseInt(string(text), 10, 32); err == nil {
			return int32(number)
		}
	}

	value, err := unmarshalSingleValue(text, sch)
	r.failed = r.failed || err != nil

	return value
}

// endOfValue finds the place behind a JSON value that has no white space around it.
func endOfValue(data []byte, start int) int {
	depth := 0

	for at := start; at < len(data); at++ {
		switch data[at] {
		case '"':
			at = endOfString(data, at)
			if at < 0 {
				return -1
			}
		case '{', '[':
			depth++
			continue
		case '}', ']':
			depth--
		case ',':
		default:
			continue
		}

		switch {
		case depth < 0, depth == 0 && data[at] == ',':
			return at
		case depth == 0:
			return at + 1
		}
	}

	return -1
}

// endOfString finds the quote that closes the string which opens at start.
func endOfString(data []byte, start int) int {
	for at := start + 1; at < len(data); at++ {
		switch data[at] {
		case '\\':
			at++
		case '"':
			return at
		}
	}

	return -1
}
