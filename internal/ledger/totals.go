package ledger

import (
	"cmp"
	"container/heap"
	"context"
	"database/sql"
	"fmt"
	"slices"
	"time"

	"github.com/mailctl/mailctl/pkg/delivery"
)

// Totals say what became of a campaign's recipients.
type Totals struct {
	Recipients int64 // rows taken in; what Counts sum up to
	Counts
	Bytes       int64 // octets of the messages that were delivered
	HardBounces int64 // of Bounced, those whose address is dead
	// ByReason counts those who are bounced, deferred or unknown by what the last
	// reply meant.
	ByReason map[delivery.Reason]int64
	// BySkip counts those who were skipped before sending, by the problem's reason.
	BySkip map[string]int64
	// ByDestination holds the destinations with the most recipients that are no
	// longer untouched, most first, and Other the sum of the rest. Pending counts
	// only those there who were given back.
	ByDestination []DestinationCounts
	Other         Counts
	First, Last   time.Time // when the first and the last attempt ended; zero before
}

// DestinationCounts are the counts of one destination.
type DestinationCounts struct {
	Destination string
	Counts
}

// maxByDestination bounds Totals.ByDestination.
const maxByDestination = 100

// Totals counts a campaign's recipients.
func (c *Campaign) Totals(ctx context.Context) (Totals, error) { return c.l.totals(ctx, c.id) }

// Totals counts a campaign's recipients. The error is [ErrNotFound] when there
// is no such campaign.
func (l *Ledger) Totals(ctx context.Context, name string) (Totals, error) {
	id, err := l.need(ctx, name)
	if err != nil {
		return Totals{}, err
	}
	return l.totals(ctx, id)
}

func (l *Ledger) totals(ctx context.Context, campaign int64) (Totals, error) {
	s := summary{
		l: l, campaign: campaign,
		totals: Totals{ByReason: map[delivery.Reason]int64{}, BySkip: map[string]int64{}},
	}
	for _, part := range []func(context.Context) error{s.count, s.nameDestinations, s.countSkips, s.findTimes} {
		if err := part(ctx); err != nil {
			return Totals{}, l.explain(err)
		}
	}
	return s.totals, nil
}

// A summary is one computation of [Totals].
type summary struct {
	l           *Ledger
	campaign    int64
	totals      Totals
	current     numbered // the destination whose groups are being read
	biggest     biggest
	first, last sql.NullInt64 // time of the first, number of the last attempt
}

// count reads all states once, grouped; the groups come ordered by destination.
func (s *summary) count(ctx context.Context) error {
	first, last := recipientsOf(s.campaign)
	if _, err := s.l.r.one(ctx, []any{&s.totals.Recipients}, "SELECT recipients FROM campaigns WHERE id = ?", s.campaign); err != nil {
		return err
	}
	err := s.l.r.each(ctx, s.group, `SELECT g.destination, g.state, g.tried, g.n, g.size, g.first, g.last, coalesce(k.reason, ''), coalesce(k.bounce, ''), coalesce(k.stage, '')
		FROM (SELECT destination, state, attempts > 0 AS tried, kind, count(*) AS n, sum(size) AS size, min(first) AS first, max(last) AS last
			FROM states WHERE id BETWEEN ? AND ? GROUP BY destination, state, tried, kind) g
		LEFT JOIN kinds k ON k.id = g.kind ORDER BY g.destination`, first, last)
	if err != nil {
		return err
	}
	s.endDestination()
	// Who has no state yet is pending, too.
	s.totals.Pending += s.totals.Recipients - s.totals.Sum()
	return nil
}

// group counts one group of states.
func (s *summary) group(rows *sql.Rows) error {
	var destination, first, last sql.NullInt64
	var in, tried, n, size int64
	var reason, bounce, stage string
	if err := rows.Scan(&destination, &in, &tried, &n, &size, &first, &last, &reason, &bounce, &stage); err != nil {
		return err
	}
	if destination.Int64 != s.current.id {
		s.endDestination()
		s.current.id = destination.Int64
	}
	outcome := state(in).outcome(tried)
	s.totals.add(outcome, n)
	s.current.add(outcome, n)
	switch outcome {
	case delivery.OutcomeDelivered:
		s.totals.Bytes += size
	case delivery.OutcomeBounced, delivery.OutcomeDeferred, delivery.OutcomeUnknown:
		if reason != "" {
			s.totals.ByReason[delivery.Reason(reason)] += n
		}
	}
	if outcome == delivery.OutcomeBounced && bounce == string(delivery.BounceHard) {
		s.totals.HardBounces += n
	}
	if first.Valid && (!s.first.Valid || first.Int64 < s.first.Int64) {
		s.first = first
	}
	if last.Int64 > s.last.Int64 && stage != string(StageBounce) { // a bounce may come days later
		s.last = last
	}
	return nil
}

// endDestination keeps the counts of a destination if they are among the
// biggest. Those without a number are rows that never had one.
func (s *summary) endDestination() {
	if s.current.id != 0 {
		heap.Push(&s.biggest, s.current)
	}
	if len(s.biggest) > maxByDestination {
		s.totals.Other.addAll(heap.Pop(&s.biggest).(numbered).Counts)
	}
	s.current = numbered{}
}

func (s *summary) nameDestinations(ctx context.Context) error {
	slices.SortFunc(s.biggest, func(a, b numbered) int {
		return cmp.Or(cmp.Compare(b.Sum(), a.Sum()), cmp.Compare(a.id, b.id))
	})
	for _, d := range s.biggest {
		named := DestinationCounts{Counts: d.Counts}
		if _, err := s.l.r.one(ctx, []any{&named.Destination}, "SELECT key FROM destinations WHERE id = ?", d.id); err != nil {
			return err
		}
		s.totals.ByDestination = append(s.totals.ByDestination, named)
	}
	return nil
}

func (s *summary) countSkips(ctx context.Context) error {
	first, last := recipientsOf(s.campaign)
	return s.l.r.each(ctx, func(rows *sql.Rows) error {
		var reason string
		var n int64
		err := rows.Scan(&reason, &n)
		s.totals.BySkip[reason] = n
		return err
	}, "SELECT reason, count(*) FROM problems WHERE id BETWEEN ? AND ? GROUP BY reason", first, last)
}

func (s *summary) findTimes(ctx context.Context) error {
	s.totals.First = timeOf(s.first)
	var last sql.NullInt64
	_, err := s.l.r.one(ctx, []any{&last}, "SELECT time FROM attempts WHERE id = ?", s.last)
	s.totals.Last = timeOf(last)
	return err
}

// numbered are the counts of the destination with a number.
type numbered struct {
	id int64
	Counts
}

// biggest is a heap with the smallest destination on top.
type biggest []numbered

func (b biggest) Len() int           { return len(b) }
func (b biggest) Less(i, j int) bool { return b[i].Sum() < b[j].Sum() }
func (b biggest) Swap(i, j int)      { b[i], b[j] = b[j], b[i] }

// Push is part of [heap.Interface].
func (b *biggest) Push(x any) { *b = append(*b, x.(numbered)) }

// Pop is part of [heap.Interface].
func (b *biggest) Pop() any {
	last := (*b)[len(*b)-1]
	*b = (*b)[:len(*b)-1]
	return last
}

// need returns the id of a campaign that must exist.
func (l *Ledger) need(ctx context.Context, name string) (int64, error) {
	id, found, err := l.find(ctx, name)
	if err != nil {
		return 0, l.explain(err)
	}
	if found {
		return id, nil
	}
	near, err := l.nearest(ctx, name)
	if err != nil {
		return 0, l.explain(err)
	}
	missing := fmt.Errorf("%w: %q", ErrNotFound, name)
	if near != "" {
		return 0, delivery.Hint(missing, fmt.Sprintf("did you mean %q?", near))
	}
	return 0, delivery.Hint(missing, "see which there are with: mailctl campaign list")
}
