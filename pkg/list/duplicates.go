package list

import (
	"errors"
	"fmt"
	"hash/maphash"
	"strings"

	"github.com/mailctl/mailctl/pkg/delivery"
)

// DefaultDuplicatesMemory is how many rows [Duplicates] keeps in memory unless
// told otherwise; a row takes 64 octets.
const DefaultDuplicatesMemory = 1 << 16

// Duplicates finds the addresses that come more than once among any number of
// rows. Its memory is bounded: what does not fit goes to a temporary file, as
// hashes that mean nothing to anyone else. It is not for use by several
// goroutines at once.
type Duplicates struct {
	seeds  [3]maphash.Seed
	dir    string
	memory int
	rows   *sorter // by address, then row
	close  []*sorter
}

// A Duplicate is a row whose address came before in the list.
type Duplicate struct {
	Row, Line           int // the row's number and line
	FirstRow, FirstLine int // of the first row with this address
	// Kind is KindRepeated when all other fields are the same, KindDuplicate when
	// one differs, and KindCase when the address itself differs, in the letter
	// case of its local part.
	Kind ProblemKind
}

// NewDuplicates returns a Duplicates that keeps its temporary files in dir, for
// this user only, and removes them. Memory is how many rows are kept in memory; 0
// means [DefaultDuplicatesMemory].
func NewDuplicates(dir string, memory int) *Duplicates {
	if memory <= 0 {
		memory = DefaultDuplicatesMemory
	}
	d := &Duplicates{dir: dir, memory: memory}
	for i := range d.seeds {
		d.seeds[i] = maphash.MakeSeed()
	}
	d.rows = d.sorter()
	return d
}

// sorter returns one that Close closes.
func (d *Duplicates) sorter() *sorter {
	s := &sorter{dir: d.dir, limit: d.memory}
	d.close = append(d.close, s)
	return s
}

// Add takes a row into account, unless it has no address.
func (d *Duplicates) Add(row Row) error {
	if row.Address.IsZero() {
		return nil
	}
	fields, err := d.fields(row)
	if err != nil {
		return err
	}
	key := row.Address.Key()
	folded := strings.ToLower(key)
	return d.failed(d.rows.add(entry{
		maphash.String(d.seeds[0], folded),
		maphash.String(d.seeds[1], folded),
		uint64(row.Number), //nolint:gosec // counted from 1
		uint64(row.Line),   //nolint:gosec // counted from 1
		maphash.String(d.seeds[2], key),
		fields,
	}))
}

// fields returns a hash of all fields but the address.
func (d *Duplicates) fields(row Row) (uint64, error) {
	var sum uint64
	var h maphash.Hash
	h.SetSeed(d.seeds[2])
	for name, value := range row.Fields {
		if name == row.email {
			continue
		}
		h.Reset()
		_, _ = h.WriteString(name) // a maphash.Hash never fails
		_ = h.WriteByte(0xff)      // which is no part of a name
		if text, ok := value.(string); ok {
			_, _ = h.WriteString(text)
		} else {
			encoded, err := appendValue([]byte{0xff}, value, 1)
			if err != nil {
				return 0, fmt.Errorf("field %q: %w", name, err)
			}
			_, _ = h.Write(encoded)
		}
		sum += h.Sum64()
	}
	return sum, nil
}

// Each calls yield for every row whose address came before, in the order of the
// rows, until it returns an error. It is called once, after the last Add.
func (d *Duplicates) Each(yield func(Duplicate) error) error {
	byKey, byRow := d.sorter(), d.sorter()
	if err := d.groups(byKey); err != nil {
		return d.failed(err)
	}
	if err := judge(byKey, byRow); err != nil {
		return d.failed(err)
	}
	for e, err := range byRow.sorted() {
		if err != nil {
			return d.failed(err)
		}
		kinds := [...]ProblemKind{KindRepeated, KindDuplicate, KindCase}
		var n [4]int
		for i := range n {
			n[i] = int(e[i]) //nolint:gosec // it was an int before
		}
		if err := yield(Duplicate{Row: n[0], Line: n[1], FirstRow: n[2], FirstLine: n[3], Kind: kinds[e[4]]}); err != nil {
			return err
		}
	}
	return nil
}

// groups sorts the rows whose addresses are the same but for letter case by their
// exact address and row, each together with the first of the group.
func (d *Duplicates) groups(byKey *sorter) error {
	var first, held entry // held is the first, as long as it is alone
	for e, err := range d.rows.sorted() {
		if err != nil {
			return err
		}
		if e[0] != first[0] || e[1] != first[1] || first == (entry{}) {
			first, held = e, e
			continue
		}
		for _, member := range []entry{held, e} {
			if member == (entry{}) {
				continue
			}
			row, line, key, fields := member[2], member[3], member[4], member[5]
			if err := byKey.add(entry{first[0], first[1], key, row, line, fields, first[2], first[3]}); err != nil {
				return err
			}
		}
		held = entry{}
	}
	return nil
}

// judge finds out for every row of a group what it is, in the numbering of Each.
func judge(byKey, byRow *sorter) error {
	var first entry // of the rows with the same exact address
	for e, err := range byKey.sorted() {
		if err != nil {
			return err
		}
		row, line := e[3], e[4]
		found := entry{row, line, first[3], first[4], 0}
		if e[0] != first[0] || e[1] != first[1] || e[2] != first[2] || first == (entry{}) {
			first = e
			if row == e[6] {
				continue // the first of the group
			}
			found = entry{row, line, e[6], e[7], 2}
		} else if e[5] != first[5] {
			found[4] = 1
		}
		if err := byRow.add(found); err != nil {
			return err
		}
	}
	return nil
}

// Close removes the temporary files.
func (d *Duplicates) Close() error {
	errs := make([]error, 0, len(d.close))
	for _, s := range d.close {
		errs = append(errs, s.close())
	}
	d.close = nil
	return errors.Join(errs...)
}

// failed says which folder could not take the temporary files.
func (d *Duplicates) failed(err error) error {
	if err == nil {
		return nil
	}
	return delivery.Hint(fmt.Errorf("looking for duplicate addresses: %w", err),
		fmt.Sprintf("make room in %s, or choose another folder", d.dir))
}

// Problem says what a duplicate means for its row, in a list of the given name.
func (d Duplicate) Problem(name string) *Problem {
	p := &Problem{Name: name, Line: d.Line, Kind: d.Kind, First: d.FirstLine}
	switch d.Kind {
	case KindRepeated:
		p.Err = fmt.Errorf("the row repeats line %d", d.FirstLine)
	case KindCase:
		p.Err = fmt.Errorf("the address differs only in letter case from the one on line %d", d.FirstLine)
	default:
		p.Err = delivery.Hint(fmt.Errorf("the address was on line %d already, with other fields", d.FirstLine),
			"keep one of the two rows")
	}
	return p
}
