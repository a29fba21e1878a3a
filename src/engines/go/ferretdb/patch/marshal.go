package sjson

import (
	"encoding/json"
	"strconv"
	"time"
	"unicode/utf8"

	"github.com/FerretDB/FerretDB/internal/types"
)

// Marshal encodes a document, its schema first: in letters, or, where they do not suffice, as FerretDB itself does, which makes a buffer for each value,
// encodes each key three times, and breaks where a key of the document has a quote.
func Marshal(document *types.Document) ([]byte, error) {
	w := writer{out: make([]byte, 0, 1_024)}
	w.text(letteredPrefix)

	if w.letters(document) {
		w.text(`"`)
	} else {
		w.out = w.out[:0]
		w.text(schemaPrefix)
		w.schema(document)
	}

	values := document.Values()
	for i, key := range document.Keys() {
		w.text(`,`)
		w.quoted(key)
		w.text(`:`)
		w.value(values[i])
	}

	w.text(`}`)

	return w.out, w.err
}

type writer struct {
	out []byte
	err error
}

func (w *writer) text(parts ...string) {
	for _, part := range parts {
		w.out = append(w.out, part...)
	}
}

func (w *writer) schema(document *types.Document) {
	keys, values := document.Keys(), document.Values()
	if len(keys) == 0 {
		w.text(`{}`)
		return
	}

	w.text(`{"p":{`)

	for i, key := range keys {
		w.comma(i)
		w.quoted(key)
		w.text(`:`)
		w.element(values[i])
	}

	w.text(`},"$k":[`)

	for i, key := range keys {
		w.comma(i)
		w.quoted(key)
	}

	w.text(`]}`)
}

func (w *writer) element(value any) {
	switch value := value.(type) {
	case *types.Document:
		w.text(`{"t":"object","$s":`)
		w.schema(value)
		w.text(`}`)
	case *types.Array:
		w.text(`{"t":"array","i":[`)

		for i := range value.Len() {
			w.comma(i)
			w.element(w.item(value, i))
		}

		w.text(`]}`)
	case types.Binary, types.Regex:
		w.marshaled(marshalElemForSingleValue(value))
	default:
		w.text(`{"t":"`, GetTypeOfValue(value), `"}`)
	}
}

func (w *writer) value(value any) {
	switch value := value.(type) {
	case *types.Document:
		w.text(`{`)

		values := value.Values()
		for i, key := range value.Keys() {
			w.comma(i)
			w.quoted(key)
			w.text(`:`)
			w.value(values[i])
		}

		w.text(`}`)
	case *types.Array:
		w.text(`[`)

		for i := range value.Len() {
			w.comma(i)
			w.value(w.item(value, i))
		}

		w.text(`]`)
	case string:
		w.quoted(value)
	case int32:
		w.out = strconv.AppendInt(w.out, int64(value), 10)
	case int64:
		w.out = strconv.AppendInt(w.out, value, 10)
	case time.Time:
		w.out = strconv.AppendInt(w.out, value.UnixMilli(), 10)
	default:
		w.marshaled(MarshalSingleValue(value))
	}
}

func (w *writer) item(array *types.Array, i int) any {
	item, err := array.Get(i)
	if err != nil {
		w.err = err
		return types.Null
	}

	return item
}

func (w *writer) comma(i int) {
	if i > 0 {
		w.out = append(w.out, ',')
	}
}

func (w *writer) quoted(text string) {
	if !isPlain(text) {
		w.marshaled(json.Marshal(text))
		return
	}

	w.out = append(w.out, '"')
	w.out = append(w.out, text...)
	w.out = append(w.out, '"')
}

func (w *writer) marshaled(text []byte, err error) {
	if err != nil {
		w.err = err
	}

	w.out = append(w.out, text...)
}

// isPlain says whether a text is its own JSON between quotes, as encoding/json writes it: that escapes signs of HTML, too, and two line breaks of
// Unicode, which begin with the byte e2.
func isPlain(text string) bool {
	hasHigh := false

	for i := range len(text) {
		switch sign := text[i]; {
		case sign < ' ', sign == '"', sign == '\\', sign == '<', sign == '>', sign == '&', sign == 0xe2, sign == 0x7f:
			return false
		case sign >= utf8.RuneSelf:
			hasHigh = true
		}
	}

	return !hasHigh || utf8.ValidString(text)
}
