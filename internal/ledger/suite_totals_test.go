package ledger

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/mailctl/mailctl/pkg/delivery"
	"github.com/mailctl/mailctl/pkg/send"
)

func testTotals(t *testing.T, b backend) {
	clk := newClock()
	l := b.open(t, clk.options("boot"))
	list := entries("1@d.example", "2@d.example", "3@e.example", "4@e.example", "5@e.example", "6@f.example", "7@f.example", "8@g.example")
	list[6].Suppressed = true
	list[7].Skip = &Problem{"repeated", "once more"}
	c := begin(t, l, "welcome", list)
	start := clk.Now()
	d := claimAll(t, c, "d", 2)
	check(t, c.Record(t.Context(), []send.Change{ended(d[0], deliveredAt(clk.Now()), time.Time{}), ended(d[1], bouncedAt(clk.Now()), time.Time{})}))
	clk.advance(time.Minute)
	e := claimAll(t, c, "e", 3)
	check(t, c.Record(t.Context(), []send.Change{ended(e[0], deferredAt(clk.Now()), clk.Now()), ended(e[1], deliveredAt(clk.Now()), time.Time{})}))
	claimAll(t, c, "f", 1)

	want := Totals{
		Recipients:  8,
		Counts:      Counts{Delivered: 2, Bounced: 1, Deferred: 1, Pending: 2, Suppressed: 1, Skipped: 1},
		Bytes:       2000,
		HardBounces: 1,
		ByReason:    map[delivery.Reason]int64{"mailbox-unknown": 1, "greylisted": 1},
		BySkip:      map[string]int64{"repeated": 1},
		ByDestination: []DestinationCounts{
			{"d", Counts{Delivered: 1, Bounced: 1}},
			{"e", Counts{Delivered: 1, Deferred: 1}},
			{"f", Counts{Suppressed: 1}},
		},
		First: start.Local(), Last: clk.Now().Local(),
	}
	got, err := c.Totals(t.Context())
	check(t, err)
	same(t, got, want)
	got, err = l.Totals(t.Context(), "welcome")
	check(t, err)
	same(t, got, want)
}

// testTotalsMany proves that the destinations named are the biggest, and that
// nobody is missing from the sum.
func testTotalsMany(t *testing.T, b backend) {
	clk := newClock()
	l := b.open(t, clk.options("boot"))
	var list []string
	for d := range maxByDestination + 20 {
		for i := range 1 + d%3 {
			list = append(list, fmt.Sprintf("%d@d%d.example", i, d))
		}
	}
	all := entries(list...)
	for i := range all {
		all[i].Suppressed = true
	}
	c := begin(t, l, "welcome", all)
	totals, err := c.Totals(t.Context())
	check(t, err)
	same(t, len(totals.ByDestination), maxByDestination)
	sum := totals.Other.Sum()
	for i, d := range totals.ByDestination {
		sum += d.Sum()
		if i > 0 && d.Sum() > totals.ByDestination[i-1].Sum() {
			t.Errorf("%s is not in its place", d.Destination)
		}
	}
	same(t, []int64{sum, totals.Recipients, totals.Suppressed}, []int64{int64(len(list)), int64(len(list)), int64(len(list))})
	same(t, totals.Other.Sum(), int64(20)) // the smallest
}

func testByDomain(t *testing.T, b backend) {
	clk := newClock()
	l := b.open(t, clk.options("boot"))
	list := entries("1@d.example", "2@d.example", `"a@b"@d.example`, "4@sub.e.example", "5@e.example", "6@f.example")
	list[4].Suppressed = true
	list[5].Address, list[5].Skip = delivery.Address{}, &Problem{"no-address", "no address"}
	c := begin(t, l, "welcome", list)
	r := claimAll(t, c, "d", 1)[0]
	check(t, c.Record(t.Context(), []send.Change{ended(r, deliveredAt(clk.Now()), time.Time{})}))
	got, err := l.ByDomain(t.Context(), "welcome", func(domain string) string {
		return strings.TrimPrefix(domain, "sub.")
	})
	check(t, err)
	same(t, got, map[string]Counts{
		"d.example": {Delivered: 1, Pending: 2},
		"e.example": {Pending: 1, Suppressed: 1},
	})

	var many []string
	for i := range maxByDestination + 7 {
		many = append(many, fmt.Sprintf("1@d%d.example", i))
	}
	begin(t, l, "many", entries(many...))
	got, err = l.ByDomain(t.Context(), "many", strings.ToUpper)
	check(t, err)
	same(t, []any{len(got), got[OtherDomains]}, []any{maxByDestination + 1, Counts{Pending: 7}})
}

func testRecentSends(t *testing.T, b backend) {
	clk := newClock()
	l := b.open(t, clk.options("boot"))
	list := make([]string, 40)
	for i := range list {
		list[i] = fmt.Sprintf("%d@%s.example", i, []string{"d", "e"}[i%2])
	}
	c, other := begin(t, l, "welcome", entries(list...)), begin(t, l, "other", entries(list...))
	start := clk.Now()
	var times []time.Time // of those for d
	for i := range 20 {
		clk.advance(time.Second)
		d, e, o := claimAll(t, c, "d", 1), claimAll(t, c, "e", 1), claimAll(t, other, "d", 1)
		check(t, c.Record(t.Context(), []send.Change{ended(e[0], deliveredAt(clk.Now()), time.Time{})}))
		check(t, other.Record(t.Context(), []send.Change{ended(o[0], deliveredAt(clk.Now()), time.Time{})}))
		if i%2 == 0 { // refused before it was handed over
			check(t, c.Record(t.Context(), []send.Change{ended(d[0], deferredAt(clk.Now()), clk.Now().Add(time.Hour))}))
			continue
		}
		at := clk.Now().Add(-time.Duration(i%5) * 100 * time.Millisecond) // not in the order of recording
		check(t, c.Record(t.Context(), []send.Change{ended(d[0], deliveredAt(at), time.Time{})}))
		times = append(times, at.Local())
	}
	for _, want := range []struct {
		destination string
		since       time.Time
		most        int
		times       []time.Time
	}{
		{"d", start, 100, times},
		{"d", start, 3, times[len(times)-3:]},
		{"d", times[4], 100, times[4:]},
		{"d", times[4], 1, times[len(times)-1:]},
		{"d", clk.Now().Add(time.Second), 100, []time.Time{}},
		{"d", start, 0, nil},
		{"nobody's", start, 100, []time.Time{}},
	} {
		got, err := c.RecentSends(t.Context(), want.destination, want.since, want.most)
		check(t, err)
		same(t, got, want.times)
	}
	all, err := c.RecentSends(t.Context(), "", start, 100)
	check(t, err)
	same(t, len(all), 30)
}
