package message

import (
	"github.com/mailctl/mailctl/pkg/delivery"
)

// A Row is one recipient and the columns that templates may use.
type Row struct {
	Address delivery.Address // of the recipient
	// Fields are the columns by name: text, numbers, booleans, and for rows that
	// were JSON, lists and maps. They are only read.
	Fields map[string]any
	Number int // of the row in its list, for whoever reports errors
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
			changed = make(map[string]any, len(m))
			for k, v := range m {
				changed[k] = v
			}
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
