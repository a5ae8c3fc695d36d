package list

import (
	"errors"
	"fmt"
	"maps"
	"math"
	"slices"
	"strconv"
	"unicode/utf8"
)

// ErrFields is why [EncodeFields] refuses a value.
var ErrFields = errors.New("not representable as JSON")

// EncodeFields writes fields as a compact JSON object with its keys in order, so
// that equal fields give equal bytes. [DecodeFields] gives the same fields back:
// a float64 keeps its decimal point. Values may be nil, bool, string, int, int64,
// float64, []any and map[string]any; others, text that is not UTF-8, infinities
// and more than 32 levels are refused.
func EncodeFields(fields map[string]any) ([]byte, error) {
	return appendObject(make([]byte, 0, 256), fields, 1)
}

// appendObject writes an object of the given depth.
func appendObject(b []byte, fields map[string]any, depth int) ([]byte, error) {
	if depth > maxDepth {
		return nil, fmt.Errorf("%w: more than %d levels", ErrFields, maxDepth)
	}
	keys := slices.AppendSeq(make([]string, 0, 16), maps.Keys(fields))
	slices.Sort(keys)
	b = append(b, '{')
	for i, key := range keys {
		if i > 0 {
			b = append(b, ',')
		}
		var err error
		if b, err = appendString(b, key); err != nil {
			return nil, err
		}
		b = append(b, ':')
		if b, err = appendValue(b, fields[key], depth); err != nil {
			return nil, fmt.Errorf("field %q: %w", key, err)
		}
	}
	return append(b, '}'), nil
}

// appendArray writes an array of the given depth.
func appendArray(b []byte, values []any, depth int) ([]byte, error) {
	if depth > maxDepth {
		return nil, fmt.Errorf("%w: more than %d levels", ErrFields, maxDepth)
	}
	b = append(b, '[')
	for i, value := range values {
		if i > 0 {
			b = append(b, ',')
		}
		var err error
		if b, err = appendValue(b, value, depth); err != nil {
			return nil, err
		}
	}
	return append(b, ']'), nil
}

// appendValue writes a value that lies inside something of the given depth.
func appendValue(b []byte, value any, depth int) ([]byte, error) {
	switch v := value.(type) {
	case nil:
		return append(b, "null"...), nil
	case bool:
		return strconv.AppendBool(b, v), nil
	case string:
		return appendString(b, v)
	case int:
		return strconv.AppendInt(b, int64(v), 10), nil
	case int64:
		return strconv.AppendInt(b, v, 10), nil
	case float64:
		return appendFloat(b, v)
	case []any:
		return appendArray(b, v, depth+1)
	case map[string]any:
		return appendObject(b, v, depth+1)
	}
	return nil, fmt.Errorf("%w: a value of type %T", ErrFields, value)
}

// appendFloat writes a number that cannot be taken for an integer.
func appendFloat(b []byte, f float64) ([]byte, error) {
	if math.IsNaN(f) || math.IsInf(f, 0) {
		return nil, fmt.Errorf("%w: %v", ErrFields, f)
	}
	start := len(b)
	b = strconv.AppendFloat(b, f, 'g', -1, 64)
	if !slices.ContainsFunc(b[start:], func(c byte) bool { return c == '.' || c == 'e' }) {
		b = append(b, ".0"...)
	}
	return b, nil
}

// controls are the control characters that have a letter (RFC 8259 §7).
var controls = [...]struct{ letter, octet byte }{
	{'b', '\b'}, {'f', '\f'}, {'n', '\n'}, {'r', '\r'}, {'t', '\t'},
}

// appendString writes a string; only what must be escaped is.
func appendString(b []byte, s string) ([]byte, error) {
	if !utf8.ValidString(s) {
		return nil, fmt.Errorf("%w: %w", ErrFields, ErrEncoding)
	}
	b = append(b, '"')
	start := 0
	for i := range len(s) {
		if c := s[i]; c < ' ' || c == '"' || c == '\\' {
			b = append(b, s[start:i]...)
			b = appendEscape(b, c)
			start = i + 1
		}
	}
	return append(append(b, s[start:]...), '"'), nil
}

// appendEscape writes one octet as an escape.
func appendEscape(b []byte, c byte) []byte {
	for _, control := range controls {
		if c == control.octet {
			return append(b, '\\', control.letter)
		}
	}
	if c >= ' ' {
		return append(b, '\\', c)
	}
	const digits = "0123456789abcdef"
	return append(b, '\\', 'u', '0', '0', digits[c>>4], digits[c&15])
}
