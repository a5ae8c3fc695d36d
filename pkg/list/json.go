package list

import (
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Bounds of one JSON object: how deep arrays and objects lie in one another,
// the object itself included, and how many values it holds altogether.
const (
	maxDepth  = 32
	maxValues = 100_000
)

// ErrJSON is why [DecodeFields] refuses a text.
var ErrJSON = errors.New("not one JSON object")

// errKeyTwice is for an object that gives two values for one key, of which other
// programs take one or the other (RFC 8259 §4).
var errKeyTwice = errors.New("a key comes twice")

// DecodeFields reads a JSON object (RFC 8259). An integer that fits becomes an
// int64; one that does not stays a string of its digits, so that a long customer
// number loses none. Any other number becomes a float64, or a string when it is
// beyond float64's range. A repeated key, half a surrogate pair, more than 32
// levels and more than 100,000 values are refused. The result holds nil, bool,
// string, int64, float64, []any and map[string]any.
func DecodeFields(text []byte) (map[string]any, error) {
	if !utf8.Valid(text) {
		return nil, fmt.Errorf("%w: %w", ErrJSON, ErrEncoding)
	}
	d := decoder{text: string(text)}
	d.space()
	if !d.accept('{') {
		return nil, d.wrong("an object")
	}
	fields, err := d.object(1)
	if err != nil {
		return nil, err
	}
	if d.space(); d.pos < len(d.text) {
		return nil, d.wrong("nothing more")
	}
	return fields, nil
}

// A decoder takes a JSON text apart. Strings without escapes share its memory.
type decoder struct {
	text   string
	pos    int
	values int
}

// wrong says what should have been at the current position.
func (d *decoder) wrong(wanted string) error {
	if d.pos >= len(d.text) {
		return fmt.Errorf("%w: it ends where %s should follow", ErrJSON, wanted)
	}
	c, _ := utf8.DecodeRuneInString(d.text[d.pos:])
	return fmt.Errorf("%w: %q at octet %d, where %s should be", ErrJSON, c, d.pos+1, wanted)
}

// space passes white space (RFC 8259 §2).
func (d *decoder) space() {
	for d.pos < len(d.text) {
		switch d.text[d.pos] {
		case ' ', '\t', '\r', '\n':
			d.pos++
		default:
			return
		}
	}
}

// accept passes the octet if it is next.
func (d *decoder) accept(c byte) bool {
	if d.pos < len(d.text) && d.text[d.pos] == c {
		d.pos++
		return true
	}
	return false
}

// object reads an object behind its brace.
func (d *decoder) object(depth int) (map[string]any, error) {
	fields := make(map[string]any)
	if d.space(); d.accept('}') {
		return fields, nil
	}
	for {
		d.space()
		if !d.accept('"') {
			return nil, d.wrong("a quoted key")
		}
		key, err := d.string()
		if err != nil {
			return nil, err
		}
		if _, again := fields[key]; again {
			return nil, fmt.Errorf("%w: %w: %q", ErrJSON, errKeyTwice, shorten(key))
		}
		if d.space(); !d.accept(':') {
			return nil, d.wrong("a colon")
		}
		if fields[key], err = d.value(depth); err != nil {
			return nil, err
		}
		if d.space(); d.accept('}') {
			return fields, nil
		}
		if !d.accept(',') {
			return nil, d.wrong("a comma or a closing brace")
		}
	}
}

// array reads an array behind its bracket.
func (d *decoder) array(depth int) ([]any, error) {
	list := []any{}
	if d.space(); d.accept(']') {
		return list, nil
	}
	for {
		value, err := d.value(depth)
		if err != nil {
			return nil, err
		}
		list = append(list, value)
		if d.space(); d.accept(']') {
			return list, nil
		}
		if !d.accept(',') {
			return nil, d.wrong("a comma or a closing bracket")
		}
	}
}

// value reads any value that lies inside something of the given depth.
func (d *decoder) value(depth int) (any, error) {
	if d.values++; d.values > maxValues {
		return nil, fmt.Errorf("%w: more than %d values", ErrJSON, maxValues)
	}
	d.space()
	nested := d.pos < len(d.text) && (d.text[d.pos] == '{' || d.text[d.pos] == '[')
	if nested && depth == maxDepth {
		return nil, fmt.Errorf("%w: more than %d levels", ErrJSON, maxDepth)
	}
	switch {
	case d.accept('"'):
		return d.string()
	case d.accept('{'):
		return d.object(depth + 1)
	case d.accept('['):
		return d.array(depth + 1)
	}
	for _, literal := range []struct {
		name  string
		value any
	}{{"true", true}, {"false", false}, {"null", nil}} {
		if strings.HasPrefix(d.text[d.pos:], literal.name) {
			d.pos += len(literal.name)
			return literal.value, nil
		}
	}
	return d.number()
}

// number reads a number (RFC 8259 §6).
func (d *decoder) number() (any, error) {
	start, integer := d.pos, true
	d.accept('-')
	if !d.accept('0') && !d.digits() {
		return nil, d.wrong("a value")
	}
	if d.accept('.') {
		integer = false
		if !d.digits() {
			return nil, d.wrong("a digit")
		}
	}
	if d.accept('e') || d.accept('E') {
		integer = false
		if !d.accept('-') {
			d.accept('+')
		}
		if !d.digits() {
			return nil, d.wrong("a digit")
		}
	}
	text := d.text[start:d.pos]
	if integer {
		if n, err := strconv.ParseInt(text, 10, 64); err == nil {
			return n, nil
		}
		return text, nil
	}
	if f, err := strconv.ParseFloat(text, 64); err == nil && !math.IsInf(f, 0) {
		return f, nil
	}
	return text, nil
}

// digits passes digits and reports whether there was one.
func (d *decoder) digits() bool {
	start := d.pos
	for d.pos < len(d.text) && '0' <= d.text[d.pos] && d.text[d.pos] <= '9' {
		d.pos++
	}
	return d.pos > start
}
