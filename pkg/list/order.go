package list

import (
	"fmt"
	"strings"

	"github.com/mailctl/mailctl/pkg/delivery"
)

// An Order says by which column rows are sorted. The zero value leaves them in the
// order of the list.
//
// Numbers are compared as numbers, everything else as text, octet by octet, which
// puts dates such as 2026-12-01 in order. Numbers come before text. A row whose
// value is empty, or that has none, comes last in either direction, and rows with
// equal values stay in the order of the list. Texts count as equal when their first
// 64 octets are.
type Order struct {
	Column     string // as the list names it; empty for no order
	Descending bool   // the greatest value first
}

// ParseOrder reads an order: the name of a column, then "asc" or "desc", or
// neither for ascending. Only the case of the column's name may differ from that
// in columns, which are those of [Reader.Columns]; any name will do when there are
// none. The error is [ErrUnknownColumn] when no column has the name. Empty text is
// the zero Order.
func ParseOrder(text string, columns []string) (Order, error) {
	o := Order{Column: strings.TrimSpace(text)}
	if i := strings.LastIndexAny(o.Column, " \t"); i >= 0 {
		switch strings.ToLower(o.Column[i+1:]) {
		case "asc":
			o.Column = strings.TrimSpace(o.Column[:i])
		case "desc":
			o.Column, o.Descending = strings.TrimSpace(o.Column[:i]), true
		}
	}
	if o.Column == "" || columns == nil {
		return o, nil
	}
	found := matching(columns, o.Column)
	if len(found) == 1 {
		o.Column = columns[found[0]]
		return o, nil
	}
	err := fmt.Errorf("%w: %q", ErrUnknownColumn, o.Column)
	if len(found) > 1 {
		return Order{}, delivery.Hint(err, fmt.Sprintf("%q and %q differ only in letter case; write one as the list does",
			columns[found[0]], columns[found[1]]))
	}
	if near := delivery.Nearest(o.Column, columns); near != "" {
		return Order{}, delivery.Hint(err, fmt.Sprintf("did you mean %q? there are: %s", near, enumerate(columns)))
	}
	return Order{}, delivery.Hint(err, "write a column and asc or desc, such as \"orders desc\"; there are: "+enumerate(columns))
}

// String returns the order as [ParseOrder] reads it.
func (o Order) String() string {
	switch {
	case o.Column == "":
		return ""
	case o.Descending:
		return o.Column + " desc"
	default:
		return o.Column + " asc"
	}
}
