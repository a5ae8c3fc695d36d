package message

import (
	"maps"
	"strings"

	"github.com/mailctl/mailctl/pkg/delivery"
)

// A Row is one recipient and the columns that templates may use.
type Row struct {
	Address delivery.Address // of the recipient
	// Fields are the columns by name: text, numbers, booleans, and for rows that
	// were JSON, lists and maps. They are only read. Control characters in text,
	// but for tabs and line ends, are left out.
	Fields map[string]any
}

// fields returns the row's columns as templates see them: what is null is empty
// text, and numbers print without exponents. The map is copied only when it
// holds something to change.
func (r Row) fields() map[string]any {
	if r.Fields == nil {
		return map[string]any{}
	}
	fields, _ := plainMap(r.Fields)
	return fields
}

func plainMap(m map[string]any) (map[string]any, bool) {
	var changed map[string]any
	for key, value := range m {
		plain, different := plainValue(value)
		if !different {
			continue
		}
		if changed == nil {
			changed = maps.Clone(m)
		}
		changed[key] = plain
	}
	if changed == nil {
		return m, false
	}
	return changed, true
}

// plainValue returns a value as templates see it, and whether it is another one.
func plainValue(value any) (any, bool) {
	switch v := value.(type) {
	case nil:
		return "", true
	case string:
		return plainString(v)
	case float64:
		return number(v), true
	case float32:
		return number(v), true
	case map[string]any:
		return plainMap(v)
	case []any:
		return plainList(v)
	}
	return value, false
}

// plainString leaves out the control characters that no text has a use for and
// that the text part uses as layout codes.
func plainString(s string) (string, bool) {
	for i := range len(s) {
		if isControl(rune(s[i])) {
			return strings.Map(func(r rune) rune {
				if isControl(r) {
					return -1
				}
				return r
			}, s), true
		}
	}
	return s, false
}

// isControl reports whether c is an ASCII control character but for tab, line
// ends and NUL, which is refused where it matters.
func isControl(c rune) bool {
	return c < ' ' && c != '\t' && c != '\n' && c != '\r' && c != 0
}

func plainList(list []any) ([]any, bool) {
	var changed []any
	for i, value := range list {
		plain, different := plainValue(value)
		if !different {
			continue
		}
		if changed == nil {
			changed = append([]any(nil), list...)
		}
		changed[i] = plain
	}
	if changed == nil {
		return list, false
	}
	return changed, true
}
