package list

import (
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/mailctl/mailctl/pkg/delivery"
)

// A Reader reads a mailing list row by row. It is not for use by several
// goroutines at once.
type Reader struct {
	opt     Options
	source  *source
	in      *input
	rows    rows
	filter  *filter
	columns []string
	number  int
}

// rows is one format of list. Its next returns the rows in order, with Line,
// Fields, Suppressed and, of a problem, Kind and Err, and io.EOF at the end.
type rows interface {
	next() (Row, error)
}

// NewReader finds out how a list is stored, reads the names of its columns and
// compiles opt.Where. It does not close r.
func NewReader(r io.Reader, opt Options) (*Reader, error) {
	l := &Reader{opt: opt.withDefaults()}
	if err := l.open(r); err != nil {
		return nil, fmt.Errorf("%s: %w", l.opt.Name, err)
	}
	if l.opt.Where != "" {
		filter, err := newFilter(l.opt.Where, l.columns)
		if err != nil {
			return nil, err
		}
		l.filter = filter
	}
	return l, nil
}

// open chooses the format by what the list begins with.
func (l *Reader) open(r io.Reader) (err error) {
	if l.source, err = newSource(r, l.opt.Name); err != nil {
		return readable(err)
	}
	l.in = newInput(l.source)
	start := l.in.peek()
	switch text := bytes.TrimLeft(start, " \t\r\n"); {
	case bytes.HasPrefix(text, []byte("{")):
		l.rows = &jsonLines{in: l.in, encoding: l.source.encoding, opt: l.opt}
		return nil
	case bytes.HasPrefix(text, []byte("[")):
		return delivery.Hint(fmt.Errorf("%w: it is a JSON array", ErrFormat),
			"write one object a line: jq -c '.[]' list.json > list.jsonl")
	}
	d, err := newDelimited(l.in, l.source.encoding, delimiterOf(start, l.opt), l.opt)
	if errors.Is(err, io.EOF) {
		return delivery.Hint(ErrEmpty, "the first line must name the columns, for example: email,name")
	}
	if err != nil {
		return readable(err)
	}
	l.rows, l.columns = d, d.header.columns
	return nil
}

// Columns returns the names of the columns in their order, and nil for JSON
// lines, where every row has fields of its own.
func (l *Reader) Columns() []string { return slices.Clone(l.columns) }

// Next returns the next row that satisfies [Options.Where], or a row with a
// Problem, or io.EOF behind the last. Any other error ends the list.
func (l *Reader) Next() (Row, error) {
	for {
		row, err := l.rows.next()
		if errors.Is(err, io.EOF) {
			return Row{}, err
		}
		if err != nil {
			return Row{}, fmt.Errorf("%s:%d: %w", l.opt.Name, l.in.line, readable(err))
		}
		l.number++
		row.Number = l.number
		if !l.choose(&row) {
			continue
		}
		l.readAddress(&row)
		if p := row.Problem; p != nil {
			p.Name, p.Line = l.opt.Name, row.Line
		}
		return row, nil
	}
}

// choose reports whether a row is wanted. One that cannot be asked is.
func (l *Reader) choose(row *Row) bool {
	if l.filter == nil || row.Fields == nil {
		return true
	}
	wanted, err := l.filter.match(row.Fields)
	if err != nil {
		row.Problem = &Problem{Kind: KindWhere, Err: err}
		return true
	}
	return wanted
}

// readAddress sets the address, or says why there is none.
func (l *Reader) readAddress(row *Row) {
	if row.Problem != nil {
		return
	}
	fail := func(kind ProblemKind, hint, format string, args ...any) {
		row.Problem = &Problem{Kind: kind, Err: delivery.Hint(fmt.Errorf(format, args...), hint)}
	}
	value, ok := row.Fields[row.email].(string)
	switch {
	case row.email == "" || row.Fields[row.email] == nil:
		fail(KindNoAddress, "", "no field %q", l.opt.EmailColumn)
		return
	case !ok:
		fail(KindInvalidAddress, "write the address as a JSON string", "field %q is not text", row.email)
		return
	case strings.TrimSpace(value) == "":
		fail(KindNoAddress, "", "column %q is empty", row.email)
		return
	}
	address, err := delivery.ParseAddress(value)
	if err != nil {
		fail(KindInvalidAddress, addressHint(value), "%w", err)
		return
	}
	row.Address = address
}

// addressHint says what to do with the usual contents of an address column that
// are more than an address.
func addressHint(value string) string {
	switch {
	case strings.ContainsAny(value, "<>"):
		return "put the name in a column of its own"
	case strings.Count(value, "@") > 1:
		return "write one address a row"
	case strings.HasPrefix(strings.ToLower(value), "mailto:"):
		return "leave out mailto:"
	}
	return ""
}

// readable adds advice to an error of the reader beneath.
func readable(err error) error {
	if errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, gzip.ErrChecksum) || errors.Is(err, gzip.ErrHeader) {
		return delivery.Hint(fmt.Errorf("the list is damaged or incomplete: %w", err),
			"copy or download the list again")
	}
	return err
}
