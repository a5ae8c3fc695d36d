package ui

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"
)

// A JSONList writes a JSON object with one list in it, element by element, so
// that a long list is never held in memory.
type JSONList struct {
	w     io.Writer
	err   error
	comma string
}

// NewJSONList begins an object: its schema, some texts, and the list.
func NewJSONList(w io.Writer, schema, list string, texts ...[2]string) *JSONList {
	l := &JSONList{w: w}
	_, l.err = fmt.Fprintf(w, `{"schema":%q`, schema)
	for _, text := range texts {
		value, err := json.Marshal(text[1])
		if l.err == nil {
			l.err = err
		}
		l.print(fmt.Sprintf(`,%q:%s`, text[0], value))
	}
	l.print(fmt.Sprintf(`,%q:[`, list))
	return l
}

// print writes text, unless something failed before.
func (l *JSONList) print(text string) {
	if l.err == nil {
		_, l.err = io.WriteString(l.w, text)
	}
}

// Add writes one element.
func (l *JSONList) Add(element any) error {
	var text strings.Builder
	err := WriteJSON(&text, element)
	if l.err == nil {
		l.err = err
	}
	l.print(l.comma + strings.TrimSuffix(text.String(), "\n"))
	l.comma = ","
	return l.err
}

// End ends list and object.
func (l *JSONList) End() error {
	l.print("]}\n")
	return l.err
}
