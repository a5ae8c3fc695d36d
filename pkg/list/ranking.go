package list

import (
	"encoding/binary"
	"fmt"
	"iter"
	"math"
	"strconv"
	"strings"

	"github.com/mailctl/mailctl/pkg/delivery"
)

// A Ranking sorts any number of rows by an [Order]. Its memory is bounded: what
// does not fit goes to a temporary file. It is not for use by several goroutines
// at once.
type Ranking struct {
	order Order
	rows  *sorter
}

// NewRanking returns a Ranking that keeps its temporary file in dir, for this user
// only, and removes it. Memory is how many rows are kept in memory, each with 64
// octets; 0 means [DefaultDuplicatesMemory].
func NewRanking(o Order, dir string, memory int) *Ranking {
	if memory <= 0 {
		memory = DefaultDuplicatesMemory
	}
	return &Ranking{order: o, rows: &sorter{dir: dir, limit: memory}}
}

// Add takes a row into account.
func (r *Ranking) Add(row Row) error {
	e := r.order.entry(row.Fields[r.order.Column])
	e[len(e)-1] = uint64(row.Number) //nolint:gosec // counted from 1
	return r.failed(r.rows.add(e))
}

// Rows returns the numbers of all rows in order. It is called once, after the last
// Add, and ends at the first error, which comes with a 0.
func (r *Ranking) Rows() iter.Seq2[int, error] {
	return func(yield func(int, error) bool) {
		for e, err := range r.rows.sorted() {
			if !yield(int(e[len(e)-1]), r.failed(err)) { //nolint:gosec // it was an int before
				return
			}
		}
	}
}

// Close removes the temporary file.
func (r *Ranking) Close() error { return r.rows.close() }

// failed says which folder could not take the temporary file.
func (r *Ranking) failed(err error) error {
	if err == nil {
		return nil
	}
	return delivery.Hint(fmt.Errorf("sorting by %q: %w", r.order.Column, err),
		fmt.Sprintf("make room in %s, or choose another folder", r.rows.dir))
}

// The first word of an entry is the kind of the value, and the last one the row.
const (
	kindNumber uint64 = iota
	kindText
	kindNone
	textWords = 6
)

// entry returns a value as something that sorts, without the row.
func (o Order) entry(value any) entry {
	e := entry{}
	switch v := value.(type) {
	case string:
		text := strings.TrimSpace(v)
		if n, ok := number(text); ok {
			e.number(n)
		} else {
			e.text(text)
		}
	case bool:
		e.text(strconv.FormatBool(v))
	case int64, float64:
		e.number(v)
	default:
		e[0] = kindNone
	}
	if o.Descending && e[0] != kindNone {
		e[0] = kindText - e[0]
		for i := 1; i <= textWords; i++ {
			e[i] = ^e[i]
		}
	}
	return e
}

// text notes the beginning of a text.
func (e *entry) text(text string) {
	if text == "" {
		e[0] = kindNone
		return
	}
	var octets [8 * textWords]byte
	copy(octets[:], text)
	e[0] = kindText
	for i := range textWords {
		e[1+i] = binary.BigEndian.Uint64(octets[8*i:])
	}
}

// number notes an int64 or a float64: the nearest float64, and what tells large
// integers apart that have the same one.
func (e *entry) number(n any) {
	const sign = 1 << 63
	f, isFloat := n.(float64)
	whole, _ := n.(int64)
	if isFloat && math.Abs(f) < sign {
		whole = int64(f)
	}
	if !isFloat {
		f = float64(whole)
	}
	bits := math.Float64bits(f + 0) // there is one zero
	if bits&sign != 0 {
		bits = ^bits
	} else {
		bits |= sign
	}
	e[0], e[1], e[2] = kindNumber, bits, uint64(whole)^sign //nolint:gosec // shifted, so that negative ones come first
}
