package sjson

import (
	"bytes"
	"encoding/json"
	"errors"
	"time"
	"unicode/utf8"

	"github.com/FerretDB/FerretDB/internal/types"
)

// A document's schema as a text, with a letter for the type of each of its values in their order: {"$s":"sl{s}[ii]","_id":…}. The keys are read from the
// document itself, where FerretDB's own schema has each of them twice more, and is longer than what it describes.
const letteredPrefix = `{"$s":"`

var elemOfLetter = map[byte]*elem{
	'd': doubleSchema,
	's': stringSchema,
	'o': objectIDSchema,
	'b': boolSchema,
	't': dateSchema,
	'n': nullSchema,
	'i': intSchema,
	'T': timestampSchema,
	'l': longSchema,
}

var errLetters = errors.New("sjson.Unmarshal: the document does not fit its letters")

// letters writes those of a document. It returns false where a letter does not tell all there is to know: the type of binary data, the options of a regex.
func (w *writer) letters(document *types.Document) bool {
	for _, value := range document.Values() {
		if !w.letter(value) {
			return false
		}
	}

	return true
}

func (w *writer) letter(value any) bool {
	switch value := value.(type) {
	case *types.Document:
		w.text(`{`)
		isWhole := w.letters(value)
		w.text(`}`)

		return isWhole
	case *types.Array:
		w.text(`[`)

		for i := range value.Len() {
			if !w.letter(w.item(value, i)) {
				return false
			}
		}

		w.text(`]`)
	case float64:
		w.text(`d`)
	case string:
		w.text(`s`)
	case types.ObjectID:
		w.text(`o`)
	case bool:
		w.text(`b`)
	case time.Time:
		w.text(`t`)
	case types.NullType:
		w.text(`n`)
	case int32:
		w.text(`i`)
	case types.Timestamp:
		w.text(`T`)
	case int64:
		w.text(`l`)
	default:
		return false
	}

	return true
}

func unmarshalLettered(data []byte) (*types.Document, error) {
	start := len(letteredPrefix)

	length := bytes.IndexByte(data[start:], '"')
	if length < 0 {
		return nil, errLetters
	}

	r := letteredReader{reader: reader{data: data, at: start + length + 1}, letters: data[start : start+length]}
	document := r.fields(false)

	if r.failed || r.at != len(data) || len(r.letters) > 0 {
		return nil, errLetters
	}

	return document, nil
}

type letteredReader struct {
	reader
	letters []byte
}

// letter takes the next one; there is none behind the last field of the document itself.
func (r *letteredReader) letter() byte {
	if len(r.letters) == 0 {
		return 0
	}

	letter := r.letters[0]
	r.letters = r.letters[1:]

	return letter
}

// fields reads the fields of an object and the brace behind them; those within the document itself come after a comma, as its letters are the first.
func (r *letteredReader) fields(isFirst bool) *types.Document {
	document := new(types.Document)

	for letter := r.letter(); letter != 0 && letter != '}'; letter = r.letter() {
		if !isFirst && !r.next(',') {
			return nil
		}

		isFirst = false
		key := r.key()
		value := r.value(letter)

		if r.failed {
			return nil
		}

		document.Set(key, value)
	}

	r.next('}')

	return document
}

func (r *letteredReader) key() string {
	start := r.at
	if !r.next('"') {
		return ""
	}

	end := endOfString(r.data, start)
	if end < 0 {
		r.failed = true
		return ""
	}

	r.at = end + 1
	r.next(':')

	key := r.data[start+1 : end]
	if bytes.IndexByte(key, '\\') < 0 && utf8.Valid(key) {
		return string(key)
	}

	var unescaped string
	if json.Unmarshal(r.data[start:end+1], &unescaped) != nil {
		r.failed = true
	}

	return unescaped
}

func (r *letteredReader) value(letter byte) any {
	switch letter {
	case '{':
		if !r.next('{') {
			return nil
		}

		return r.fields(true)
	case '[':
		return r.items()
	}

	sch, end := elemOfLetter[letter], endOfValue(r.data, r.at)
	if sch == nil || end < 0 {
		r.failed = true
		return nil
	}

	text := r.data[r.at:end]
	r.at = end

	return r.single(text, sch)
}

func (r *letteredReader) items() *types.Array {
	if !r.next('[') {
		return nil
	}

	array := types.MakeArray(0)

	for letter := r.letter(); letter != ']'; letter = r.letter() {
		if array.Len() > 0 && !r.next(',') {
			return nil
		}

		value := r.value(letter)
		if r.failed {
			return nil
		}

		array.Append(value)
	}

	r.next(']')

	return array
}
