package list

import (
	"strings"

	"github.com/mailctl/mailctl/pkg/delivery"
)

// A Row is one recipient with everything the list says of them.
type Row struct {
	Number  int              // number of the row among all rows of the list, from 1
	Line    int              // physical line on which it starts, from 1
	Address delivery.Address // whom to write to; zero when there is a Problem
	// Fields holds every column by name: strings in a delimited list; nil, bool,
	// string, int64, float64, []any and map[string]any in JSON lines. It is nil
	// when the row could not be taken apart. It belongs to the caller.
	Fields     map[string]any
	Suppressed bool     // the list says that this recipient must not be written to
	Problem    *Problem // why the row cannot be used; nil when it can

	email string // the column that held the address
}

// suppression reads a value of the suppressed column. Known is false for a value
// that says neither yes nor no, such as a date or "unsubscribed".
func suppression(value any) (suppressed, known bool) {
	switch v := value.(type) {
	case nil:
		return false, true
	case bool:
		return v, true
	case int64:
		return v == 1, v == 0 || v == 1
	case string:
		switch strings.ToLower(strings.TrimSpace(v)) {
		case "true", "yes", "y", "1", "x", "on":
			return true, true
		case "", "false", "no", "n", "0", "off":
			return false, true
		}
	}
	return false, false
}
