package list

import (
	"fmt"
	"slices"
	"strings"

	"github.com/mailctl/mailctl/pkg/delivery"
)

// delimited reads the rows of a list whose first line names the columns.
type delimited struct {
	scanner  *scanner
	encoding encoding
	header   *header
}

// newDelimited reads the line of column names, behind a line for Excel if there is one.
func newDelimited(in *input, enc encoding, delimiter byte, opt Options) (*delimited, error) {
	d := &delimited{scanner: &scanner{in: in, delimiter: delimiter, opt: opt}, encoding: enc}
	rec, err := d.scanner.next()
	if err == nil && forExcel(rec.fields()) {
		rec, err = d.scanner.next()
	}
	if err != nil {
		return nil, err
	}
	d.header, err = newHeader(rec, enc, opt)
	return d, err
}

// forExcel reports whether a first line is "sep=;", which tells Excel what separates the
// fields.
func forExcel(fields []string) bool {
	return len(fields) == 2 && fields[0] == "sep=" && fields[1] == ""
}

// next returns the next row, before its address is read.
func (d *delimited) next() (Row, error) {
	rec, err := d.scanner.next()
	if err != nil {
		return Row{}, err
	}
	row := Row{Line: rec.line, Problem: d.problem(rec)}
	if row.Problem == nil {
		d.fill(&row, rec.fields())
	}
	return row, nil
}

// problem says why a record cannot be taken apart; nil when it can.
func (d *delimited) problem(rec *record) *Problem {
	switch err := rec.check(d.encoding); {
	case rec.err != nil:
		return torn(rec, rec.kind, rec.err)
	case err != nil:
		return &Problem{Kind: KindBadEncoding, Err: err}
	case len(rec.ends) < len(d.header.columns) || len(rec.ends) > d.header.width:
		return torn(rec, KindFieldCount, d.fieldCount(rec))
	}
	return nil
}

// torn is the problem of a record whose parts are not what they should be. When it
// has several lines, a stray quote may have made them one.
func torn(rec *record, kind ProblemKind, err error) *Problem {
	if kind != KindOpenQuote && rec.last > rec.line {
		kind = KindOpenQuote
		err = delivery.Hint(err, fmt.Sprintf("the row runs from line %d to line %d; a quote may be missing its end", rec.line, rec.last))
	}
	return &Problem{Kind: kind, Err: err}
}

// fill gives the fields their names.
func (d *delimited) fill(row *Row, values []string) {
	columns := d.header.columns
	for i := len(columns); i < len(values); i++ {
		if strings.TrimSpace(values[i]) != "" {
			row.Problem = &Problem{Kind: KindFieldCount, Err: delivery.Hint(
				fmt.Errorf("field %d holds %q, but its column has no name", i+1, shorten(values[i])),
				"name every column in the first line")}
			return
		}
	}
	row.Fields = make(map[string]any, len(columns))
	for i, name := range columns {
		row.Fields[name] = values[i]
	}
	row.email = columns[d.header.email]
	if d.header.suppressed >= 0 {
		readSuppressed(row, columns[d.header.suppressed])
	}
}

// fieldCount says what is wrong with a record of too few or too many fields.
func (d *delimited) fieldCount(rec *record) error {
	fields := "fields"
	if len(rec.ends) == 1 {
		fields = "field"
	}
	err := fmt.Errorf("%d %s where the first line names %d", len(rec.ends), fields, len(d.header.columns))
	switch {
	case rec.last > rec.line:
		return err
	case slices.ContainsFunc(rec.fields(), func(field string) bool { return strings.HasPrefix(field, ` "`) }):
		return delivery.Hint(err, "leave out the space before a quote")
	case len(rec.ends) > d.header.width:
		return delivery.Hint(err, fmt.Sprintf(`put quotes around a field that holds a %q: "one%ctwo"`, d.scanner.delimiter, d.scanner.delimiter))
	}
	return err
}

// readSuppressed reads the column that marks recipients who must not be written to.
func readSuppressed(row *Row, column string) {
	suppressed, known := suppression(row.Fields[column])
	row.Suppressed = suppressed
	if !known {
		row.Problem = &Problem{Kind: KindSuppressed, Err: delivery.Hint(
			fmt.Errorf("column %q says %q, neither yes nor no", column, shorten(fmt.Sprint(row.Fields[column]))),
			"write yes for those who must not be written to, and leave the others empty")}
	}
}

// shorten cuts a value to what a message has room for.
func shorten(value string) string {
	const most = 60
	for i := range value {
		if i > most {
			return value[:i] + "…"
		}
	}
	return value
}
