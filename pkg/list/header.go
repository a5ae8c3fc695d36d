package list

import (
	"fmt"
	"strings"

	"github.com/mailctl/mailctl/pkg/delivery"
)

// A header is what the first line of a delimited list says.
type header struct {
	columns    []string // names without surrounding white space
	width      int      // fields of the line, nameless ones at its end included
	email      int      // index of the address column
	suppressed int      // index of the suppressed column; -1 when there is none
}

// newHeader checks the names of the columns and finds those that matter here.
func newHeader(rec *record, enc encoding, opt Options) (*header, error) {
	if rec.err != nil {
		return nil, fmt.Errorf("%w: %w", ErrHeader, rec.err)
	}
	if err := rec.check(enc); err != nil {
		return nil, fmt.Errorf("the line of column names: %w", err)
	}
	h := &header{columns: rec.fields(), width: len(rec.ends), suppressed: -1}
	for i := range h.columns {
		h.columns[i] = strings.TrimSpace(h.columns[i])
	}
	for len(h.columns) > 0 && h.columns[len(h.columns)-1] == "" {
		h.columns = h.columns[:len(h.columns)-1]
	}
	if err := checkNames(h.columns); err != nil {
		return nil, err
	}
	return h, h.find(opt)
}

// checkNames refuses names that a template could not tell apart.
func checkNames(names []string) error {
	seen := make(map[string]int, len(names))
	for i, name := range names {
		switch first, again := seen[name]; {
		case strings.ContainsRune(name, 0):
			return delivery.Hint(fmt.Errorf("%w: the column names hold NUL", ErrFormat),
				"if this is UTF-16 without a byte order mark, save it as UTF-8")
		case name == "":
			return delivery.Hint(fmt.Errorf("%w: column %d has no name", ErrHeader, i+1),
				"name every column in the first line")
		case again:
			return delivery.Hint(fmt.Errorf("%w: columns %d and %d are both named %q", ErrHeader, first, i+1, name),
				"give each column a name of its own")
		}
		seen[name] = i + 1
	}
	return nil
}

// find finds the columns that options name.
func (h *header) find(opt Options) error {
	for _, name := range h.columns {
		if _, err := delivery.ParseAddress(name); err == nil {
			return delivery.Hint(fmt.Errorf("%w: it holds the address %q", ErrNoHeader, name),
				"the first line must name the columns, for example: email,name")
		}
	}
	email := matching(h.columns, opt.EmailColumn)
	if len(email) == 0 {
		return noColumn(ErrNoEmailColumn, "email-column", "the addresses", h.columns, opt.EmailColumn)
	}
	suppressed := matching(h.columns, opt.SuppressedColumn)
	if len(suppressed) == 0 && opt.SuppressedColumn != DefaultSuppressedColumn {
		return noColumn(ErrNoSuppressedColumn, "suppressed-column", "who must not be written to", h.columns, opt.SuppressedColumn)
	}
	for _, found := range [][]int{email, suppressed} {
		if len(found) > 1 {
			return delivery.Hint(fmt.Errorf("%w: %q and %q differ only in letter case",
				ErrHeader, h.columns[found[0]], h.columns[found[1]]), "rename one of the two columns")
		}
	}
	h.email = email[0]
	if len(suppressed) > 0 {
		h.suppressed = suppressed[0]
	}
	return nil
}

// noColumn is the error of a list that lacks a column which a flag names.
func noColumn(missing error, flag, held string, columns []string, wanted string) error {
	err := fmt.Errorf("%w: no column is named %q", missing, wanted)
	hint := fmt.Sprintf("name the column that holds %s with --%s; there are: %s", held, flag, enumerate(columns))
	if near := delivery.Nearest(wanted, columns); near != "" {
		hint = fmt.Sprintf("did you mean --%s %q? there are: %s", flag, near, enumerate(columns))
	}
	return delivery.Hint(err, hint)
}

// matching returns the indexes of the columns that go by a name: the one that
// equals it, or those that differ from it in letter case only.
func matching(columns []string, name string) []int {
	name = strings.TrimSpace(name)
	var found []int
	for i, column := range columns {
		column = strings.TrimSpace(column)
		if column == name {
			return []int{i}
		}
		if strings.EqualFold(column, name) {
			found = append(found, i)
		}
	}
	return found
}

// enumerate lists names for a message, at most twenty of them.
func enumerate(names []string) string {
	const most = 20
	if len(names) > most {
		return fmt.Sprintf("%s and %d more", strings.Join(names[:most], ", "), len(names)-most)
	}
	return strings.Join(names, ", ")
}
