package ledger

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/mailctl/mailctl/pkg/delivery"
)

// columns returns the values of a spec's columns, in the schema's order.
func (s Spec) columns() []any {
	return []any{
		s.List.Name, s.List.Digest, s.Message.Name, s.Message.Digest,
		s.Sender.Name, s.Sender.Digest, s.Via.Name, s.Via.Digest, s.Rows.Name, s.Rows.Digest,
	}
}

// fields returns where to scan a spec's columns to.
func (s *Spec) fields() []any {
	return []any{
		&s.List.Name, &s.List.Digest, &s.Message.Name, &s.Message.Digest,
		&s.Sender.Name, &s.Sender.Digest, &s.Via.Name, &s.Via.Digest, &s.Rows.Name, &s.Rows.Digest,
	}
}

// compare returns a [*ChangedError] for the first part that differs from what
// was.
func (s Spec) compare(was Spec) error {
	for _, part := range []struct {
		what     string
		was, now Identity
	}{
		{"choice of rows", was.Rows, s.Rows}, // before the list, whose digest may take it in
		{"list", was.List, s.List},
		{"sender", was.Sender, s.Sender},
		{"message", was.Message, s.Message},
		{"via", was.Via, s.Via},
	} {
		if part.was.Digest == part.now.Digest || part.was.Digest == "" || part.now.Digest == "" {
			continue
		}
		return delivery.Hint(
			&ChangedError{Campaign: s.Name, What: part.what, Was: part.was.Name, Now: part.now.Name},
			fmt.Sprintf("resume with the %s it was begun with, or begin another campaign with --campaign %q", part.what, nextName(s.Name)))
	}
	return nil
}

// nextName returns a name for another campaign of the same kind: "welcome-2"
// follows "welcome".
func nextName(name string) string {
	stem, number := name, 1
	if at := strings.LastIndexByte(name, '-'); at > 0 {
		if n, err := strconv.Atoi(name[at+1:]); err == nil && n > 0 && n < 1000 {
			stem, number = name[:at], n
		}
	}
	return fmt.Sprintf("%s-%d", stem, number+1)
}
