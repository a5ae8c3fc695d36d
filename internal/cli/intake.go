package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"maps"
	"os"

	"github.com/mailctl/mailctl/internal/ledger"
	"github.com/mailctl/mailctl/pkg/delivery"
	"github.com/mailctl/mailctl/pkg/list"
	"github.com/mailctl/mailctl/pkg/message"
)

// A rowSet is a set of row numbers, with one bit for each row of the list.
type rowSet []uint64

func (s *rowSet) note(row int, in bool) {
	if !in {
		return
	}
	for len(*s) <= row/64 {
		*s = append(*s, 0)
	}
	(*s)[row/64] |= 1 << (row % 64)
}

func (s rowSet) has(row int) bool { return row/64 < len(s) && s[row/64]&(1<<(row%64)) != 0 }

// shownProblems bounds the bad rows that are named one by one.
const shownProblems = 20

// An intake reads a list once: it checks each row against the message, notes
// what is wrong and finds the addresses that come more than once.
type intake struct {
	name       string
	rows       *list.Reader
	check      func(message.Row) error
	route      func(delivery.Address) string
	aside      func(asideRow) // told of each row that is set aside; nil when nobody wants to know
	duplicates *list.Duplicates
	ranking    *list.Ranking // nil when rows stay in the order of the list

	forbidden rowSet // rows that the list marks as suppressed
	read      int
	kinds     map[list.ProblemKind]int
	problems  []*list.Problem // the first of those that are not harmless
	torn      []*list.Problem // the first of those that cannot be set aside alone
	warnings  []*list.Problem // the first of those that are
}

// newIntake starts reading. The caller closes it.
func newIntake(rows *list.Reader, name string, check func(message.Row) error, route func(delivery.Address) string) *intake {
	return &intake{
		name:       name,
		rows:       rows,
		check:      check,
		route:      route,
		duplicates: list.NewDuplicates(os.TempDir(), 0),
		kinds:      map[list.ProblemKind]int{},
	}
}

// sort has the rows sent to in an order of their own, unless that is zero.
func (in *intake) sort(o list.Order) {
	if o != (list.Order{}) {
		in.ranking = list.NewRanking(o, os.TempDir(), 0)
	}
}

func (in *intake) close() error {
	err := in.duplicates.Close()
	if in.ranking != nil {
		err = errors.Join(err, in.ranking.Close())
	}
	return err
}

// next returns the next row as the ledger takes it, and io.EOF at the end.
func (in *intake) next() (ledger.Entry, error) {
	_, entry, err := in.nextRow()
	return entry, err
}

// nextRow returns the next row, and io.EOF at the end.
func (in *intake) nextRow() (list.Row, ledger.Entry, error) {
	row, err := in.rows.Next()
	if err != nil {
		return row, ledger.Entry{}, err
	}
	in.read++
	if row.Problem == nil {
		row.Fields = withAddress(row)
		row.Problem = in.examine(row)
	}
	if row.Problem == nil {
		if err := in.duplicates.Add(row); err != nil {
			return row, ledger.Entry{}, err
		}
		in.forbidden.note(row.Number, row.Suppressed)
		if err := in.rank(row); err != nil {
			return row, ledger.Entry{}, err
		}
	}
	entry := ledger.Entry{Row: row.Number, Line: row.Line, Address: row.Address, Suppressed: row.Suppressed}
	if row.Problem != nil {
		in.note(row.Problem)
		in.tell(row.Number, row.Address, row.Problem)
		entry.Skip = &ledger.Problem{Reason: string(row.Problem.Kind), Text: row.Problem.Err.Error()}
	} else {
		entry.Destination = in.route(row.Address)
		entry.Data, err = list.EncodeFields(row.Fields)
	}
	return row, entry, err
}

// rank notes where a row belongs.
func (in *intake) rank(row list.Row) error {
	if in.ranking == nil {
		return nil
	}
	return in.ranking.Add(row)
}

// addressField is the field that has the recipient's address, whatever the column
// is called; a column of that name is left alone.
const addressField = "email"

// withAddress returns the fields of a row with the address among them.
func withAddress(row list.Row) map[string]any {
	if _, there := row.Fields[addressField]; there {
		return row.Fields
	}
	fields := maps.Clone(row.Fields)
	if fields == nil {
		fields = map[string]any{}
	}
	fields[addressField] = row.Address.String()
	return fields
}

// examine returns why no message can be made for a row; nil when one can.
func (in *intake) examine(row list.Row) *list.Problem {
	cause := in.check(messageRow(row))
	if cause == nil {
		return nil
	}
	return &list.Problem{Name: in.name, Line: row.Line, Kind: kindTemplate, Err: cause}
}

// kindTemplate is the kind of a row for which no message can be made.
const kindTemplate list.ProblemKind = "template"

// messageRow returns a row as a message takes it.
func messageRow(row list.Row) message.Row {
	return message.Row{Address: row.Address, Fields: row.Fields}
}

// note counts a problem, and keeps the first ones.
func (in *intake) note(p *list.Problem) {
	in.kinds[p.Kind]++
	kept := &in.problems
	if p.Kind.Harmless() {
		kept = &in.warnings
	}
	if len(*kept) < shownProblems {
		*kept = append(*kept, p)
	}
	if !p.Kind.Alone() && len(in.torn) < shownProblems {
		in.torn = append(in.torn, p)
	}
}

// repeated returns the rows whose address came before, once all rows were read.
// Those that differ in letter case alone are noted, not returned.
func (in *intake) repeated() iter.Seq2[ledger.SkippedRow, error] {
	return func(yield func(ledger.SkippedRow, error) bool) {
		stopped := errors.New("stopped")
		err := in.duplicates.Each(func(d list.Duplicate) error {
			p := d.Problem(in.name)
			in.note(p)
			if d.Kind == list.KindCase {
				return nil
			}
			in.tell(d.Row, delivery.Address{}, p)
			row := ledger.SkippedRow{
				Row:     d.Row,
				Problem: ledger.Problem{Reason: string(p.Kind), Text: p.Err.Error()},
			}
			if !yield(row, nil) {
				return stopped
			}
			if in.forbidden.has(d.Row) && !in.forbidden.has(d.FirstRow) {
				p := &list.Problem{
					Name: in.name, Line: d.FirstLine, Kind: list.KindSuppressed,
					Err: fmt.Errorf("line %d says that this address is suppressed", d.Line),
				}
				in.tell(d.FirstRow, delivery.Address{}, p)
				row = ledger.SkippedRow{Row: d.FirstRow, Problem: ledger.Problem{Reason: string(p.Kind), Text: p.Err.Error()}}
				if !yield(row, nil) {
					return stopped
				}
			}
			return nil
		})
		if err != nil && !errors.Is(err, stopped) {
			yield(ledger.SkippedRow{}, err)
		}
	}
}

// load reads the list into a campaign.
func (in *intake) load(ctx context.Context, c *ledger.Campaign) error {
	if err := c.Load(ctx, in.next); err != nil {
		return err
	}
	repeated, stop := pull(in.repeated())
	defer stop()
	if err := c.Skip(ctx, repeated); err != nil || in.ranking == nil {
		return err
	}
	ranked, stop := pull(in.ranking.Rows())
	defer stop()
	return c.Order(ctx, ranked)
}

// pull returns what hands out one value after the other and then io.EOF, and what
// ends that.
func pull[T any](values iter.Seq2[T, error]) (next func() (T, error), stop func()) {
	pulled, stop := iter.Pull2(values)
	return func() (T, error) {
		value, err, ok := pulled()
		if !ok {
			return value, io.EOF
		}
		return value, err
	}, stop
}
