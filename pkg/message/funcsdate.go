package message

import (
	"errors"
	"fmt"
	"strings"
	"time"
)

var errNotDate = errors.New("not a date")

// dateLayouts are the forms in which a date is understood. None of them leaves
// open which number is the day and which the month.
var dateLayouts = []string{
	time.RFC3339Nano,
	"2006-01-02",
	"2006-01-02 15:04:05",
	"2006-01-02 15:04",
	"2006-01-02T15:04:05",
	"2006-01-02T15:04",
	"20060102",
	"2006/01/02",
	time.RFC1123Z,
	time.RFC1123,
}

// formatDate prints a date of the row in another layout, given as package time
// does: {{date "2 January 2006" .signup}}. An empty value stays empty.
func formatDate(layout string, value any) (string, error) {
	if t, ok := value.(time.Time); ok {
		return t.Format(layout), nil
	}
	s := strings.TrimSpace(textOf(value))
	if s == "" {
		return "", nil
	}
	for _, known := range dateLayouts {
		if t, err := time.Parse(known, s); err == nil {
			return t.Format(layout), nil
		}
	}
	return "", fmt.Errorf("date %q: %w; want year first, as in 2026-11-22", shorten(s), errNotDate)
}
