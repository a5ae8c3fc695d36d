package ledger

import (
	"errors"
	"testing"
	"time"

	"github.com/mailctl/mailctl/pkg/delivery"
	"github.com/mailctl/mailctl/pkg/send"
)

// ordered begins a campaign whose rows have an order of their own.
func ordered(t *testing.T, l ledgerUnderTest, list []Entry, skip []SkippedRow, rows ...int) campaignUnderTest {
	t.Helper()
	c, err := l.Begin(t.Context(), spec("welcome"))
	check(t, err)
	check(t, c.Load(t.Context(), each(list)))
	check(t, c.Skip(t.Context(), each(skip)))
	check(t, c.Order(t.Context(), each(rows)))
	check(t, c.Ready(t.Context()))
	return c
}

// testOrder sends in an order of its own, which outlasts releases, retries and
// deaths of the process.
func testOrder(t *testing.T, b backend) {
	clk := newClock()
	l := b.open(t, clk.options("boot"))
	list := entries("1@d.example", "2@e.example", "3@d.example", "4@d.example", "5@d.example", "6@d.example", "7@d.example", "8@d.example")
	list[6].Suppressed = true
	skip := []SkippedRow{{8, Problem{"duplicate", "once more"}}}
	c := ordered(t, l, list, skip, 8, 7, 6, 3, 5, 2, 1, 4)
	same(t, outcomes(t, l, "welcome"), []string{
		"pending", "pending", "pending", "pending", "pending", "pending", "suppressed", "skipped",
	})
	if err := c.Order(t.Context(), each([]int{1})); !errors.Is(err, ErrReady) {
		t.Fatalf("ordered too late: %v", err)
	}
	keys, err := c.Destinations(t.Context())
	check(t, err)
	same(t, keys, []string{"d", "e"}) // d has the first turn
	_, due, err := c.NextDue(t.Context(), "d")
	check(t, err)
	same(t, due, true)

	batch := claimAll(t, c, "d", 3)
	same(t, rowsOf(batch), []int{6, 3, 5})
	check(t, c.Record(t.Context(), []send.Change{ended(batch[0], deferredAt(clk.Now()), clk.Now().Add(time.Minute))}))
	check(t, c.Release(t.Context(), []int64{batch[2].ID, batch[1].ID}))
	same(t, rowsOf(claimAll(t, c, "d", 3)), []int{3, 5, 1}) // those who were given back keep their turns
	l.die(t)

	l = b.open(t, clk.options("boot"))
	c, err = l.Begin(t.Context(), spec("welcome"))
	check(t, err)
	same(t, c.Loaded(), true)
	_, err = l.Suppressions().Add(t.Context(), Suppression{Address: "5@d.example"})
	check(t, err)
	clk.advance(time.Hour)
	same(t, rowsOf(claimAll(t, c, "d", 2)), []int{6, 3}) // a second try comes first
	check(t, c.Close())

	c, err = l.Begin(t.Context(), spec("welcome"))
	check(t, err)
	check(t, c.Reroute(t.Context(), func(delivery.Address) string { return "all" }))
	same(t, rowsOf(claimAll(t, c, "all", 9)), []int{6, 3, 2, 1, 4})
	same(t, outcomes(t, l, "welcome")[4], "suppressed")
	totals, err := c.Totals(t.Context())
	check(t, err)
	same(t, totals.Counts, Counts{Pending: 4, Deferred: 1, Suppressed: 2, Skipped: 1})
}

// testOrderInterrupted begins anew when a process ended before the campaign was
// ready.
func testOrderInterrupted(t *testing.T, b backend) {
	l := b.open(t, newClock().options("boot"))
	list := entries("1@d.example", "2@d.example", "3@d.example")
	c, err := l.Begin(t.Context(), spec("welcome"))
	check(t, err)
	check(t, c.Load(t.Context(), each(list)))
	err = c.Order(t.Context(), func() (int, error) { return 0, errStop })
	if !errors.Is(err, errStop) {
		t.Fatalf("an error of the source: %v", err)
	}
	if err := c.Order(t.Context(), each([]int{1, 3, 1})); !errors.Is(err, ErrBadEntry) {
		t.Fatalf("a row with two turns: %v", err)
	}
	check(t, c.Order(t.Context(), each([]int{3, 1})))
	check(t, c.Close())
	c = ordered(t, l, list, nil, 2, 3, 1)
	same(t, rowsOf(claimAll(t, c, "d", 9)), []int{2, 3, 1})
}
