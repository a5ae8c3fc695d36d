package ledger

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/mailctl/mailctl/pkg/delivery"
	"github.com/mailctl/mailctl/pkg/send"
)

// TestSQLite runs the conformance suite on the embedded store.
func TestSQLite(t *testing.T) {
	conformance(t, func(tb testing.TB) backend { return sqliteBackend{tb.TempDir()} })
}

// conformance is what every store must do. The factory makes an empty backend.
func conformance(t *testing.T, factory func(testing.TB) backend) {
	for name, test := range map[string]func(*testing.T, backend){
		"life":                  testLife,
		"claim order":           testClaimOrder,
		"destinations":          testDestinations,
		"release":               testRelease,
		"reroute":               testReroute,
		"record is atomic":      testRecordAtomic,
		"record ignores ends":   testRecordAfterCancel,
		"history":               testHistory,
		"intake":                testIntake,
		"intake interrupted":    testIntakeInterrupted,
		"discarded":             testDiscard,
		"intake refuses":        testIntakeRefuses,
		"skip":                  testSkip,
		"order":                 testOrder,
		"order interrupted":     testOrderInterrupted,
		"suppressed":            testSuppressed,
		"suppressed since":      testSuppressedSince,
		"suppressed on the way": testSuppressedOnTheWay,
		"suppression list":      testSuppressionList,
		"changed":               testChanged,
		"busy":                  testBusy,
		"cancel":                testCancel,
		"status":                testStatus,
		"crash":                 testCrash,
		"crash of a retry":      testCrashRetry,
		"crash after a void":    testCrashVoid,
		"power cut":             testPowerCut,
		"resend unknown":        testResendUnknown,
		"close settles":         testCloseSettles,
		"totals":                testTotals,
		"totals of many":        testTotalsMany,
		"by domain":             testByDomain,
		"recent sends":          testRecentSends,
		"daily":                 testDaily,
		"recent sends to hosts": testRecentSendsTo,
		"changes of pace":       testPaces,
		"everyone once":         testEveryoneOnce,
		"campaigns are apart":   testApart,
		"names":                 testNames,
		"export can be stopped": testExportStops,
		"find sent":             testFindSent,
		"amend":                 testAmend,
	} {
		t.Run(name, func(t *testing.T) {
			t.Cleanup(func() { goleak.VerifyNone(t) }) // runs last
			test(t, factory(t))
		})
	}
}

func testLife(t *testing.T, b backend) {
	clk := newClock()
	l := b.open(t, clk.options("boot"))
	c := begin(t, l, "welcome", entries("a@one.example", "b@two.example", "c@one.example"))

	batch := claimAll(t, c, "one", 10)
	same(t, batch, []send.Recipient{
		{ID: batch[0].ID, Row: 1, Address: address("a@one.example"), Data: []byte(`{"n":1}`)},
		{ID: batch[1].ID, Row: 3, Address: address("c@one.example"), Data: []byte(`{"n":3}`)},
	})
	check(t, c.Record(t.Context(), []send.Change{intent(batch[0]), ended(batch[1], bouncedAt(clk.Now()), time.Time{})}))
	later := clk.Now().Add(time.Hour)
	check(t, c.Record(t.Context(), []send.Change{ended(batch[0], deferredAt(clk.Now()), later)}))
	same(t, outcomes(t, l, "welcome"), []string{"deferred", "pending", "bounced"})

	clk.advance(time.Hour)
	again := claimAll(t, c, "one", 10)
	same(t, again, []send.Recipient{{
		ID: batch[0].ID, Row: 1, Address: address("a@one.example"), Data: []byte(`{"n":1}`),
		Attempts: 1, First: later.Add(-time.Hour).Local(),
	}})
	check(t, c.Record(t.Context(), []send.Change{intent(again[0]), ended(again[0], deliveredAt(clk.Now()), time.Time{})}))
	same(t, claimAll(t, c, "one", 10), []send.Recipient(nil))
	same(t, outcomes(t, l, "welcome"), []string{"delivered", "pending", "bounced"})
	check(t, c.Close())
	check(t, c.Close())
}

func testClaimOrder(t *testing.T, b backend) {
	clk := newClock()
	l := b.open(t, clk.options("boot"))
	c := begin(t, l, "welcome", entries("1@d.example", "2@d.example", "3@d.example", "4@d.example", "5@d.example", "6@d.example"))
	batch := claimAll(t, c, "d", 3)
	same(t, rowsOf(batch), []int{1, 2, 3})
	for i, wait := range []time.Duration{2 * time.Minute, time.Minute, 9 * time.Minute} {
		check(t, c.Record(t.Context(), []send.Change{ended(batch[i], deferredAt(clk.Now()), clk.Now().Add(wait))}))
	}
	due, some, err := c.NextDue(t.Context(), "d")
	check(t, err)
	same(t, []any{due.UTC(), some}, []any{clk.Now().Add(time.Minute), true})
	due, some, err = c.NextTry(t.Context())
	check(t, err)
	same(t, []any{due.UTC(), some}, []any{clk.Now().Add(time.Minute), true})

	clk.advance(2 * time.Minute)
	same(t, rowsOf(claimAll(t, c, "d", 4)), []int{2, 1, 4, 5})
	same(t, rowsOf(claimAll(t, c, "d", 4)), []int{6})
	same(t, rowsOf(claimAll(t, c, "d", 0)), []int{})
	same(t, rowsOf(claimAll(t, c, "nobody's", 4)), []int{})
	clk.advance(7 * time.Minute)
	same(t, rowsOf(claimAll(t, c, "d", 4)), []int{3})
	_, some, err = c.NextDue(t.Context(), "d")
	check(t, err)
	same(t, some, false)
	_, some, err = c.NextTry(t.Context())
	check(t, err)
	same(t, some, false)
}

func testDestinations(t *testing.T, b backend) {
	clk := newClock()
	l := b.open(t, clk.options("boot"))
	list := entries("1@z.example", "2@a.example", "3@z.example", "4@m.example", "5@s.example")
	list[4].Suppressed = true
	c := begin(t, l, "welcome", list)
	want := func(keys ...string) {
		t.Helper()
		got, err := c.Destinations(t.Context())
		check(t, err)
		same(t, got, keys)
	}
	want("z", "a", "m")
	a := claimAll(t, c, "a", 1)
	want("z", "m")
	z := claimAll(t, c, "z", 1)
	want("z", "m")
	check(t, c.Record(t.Context(), []send.Change{ended(a[0], deferredAt(clk.Now()), clk.Now().Add(time.Hour))}))
	check(t, c.Record(t.Context(), []send.Change{ended(z[0], deliveredAt(clk.Now()), time.Time{})}))
	want("z", "a", "m")
	claimAll(t, c, "z", 9)
	want("a", "m")
}

func testRelease(t *testing.T, b backend) {
	clk := newClock()
	l := b.open(t, clk.options("boot"))
	c := begin(t, l, "welcome", entries("1@d.example", "2@d.example", "3@d.example"))
	batch := claimAll(t, c, "d", 2)
	check(t, c.Record(t.Context(), []send.Change{intent(batch[0])}))
	check(t, c.Release(t.Context(), []int64{batch[0].ID, batch[1].ID}))
	if err := c.Release(t.Context(), []int64{batch[0].ID}); !errors.Is(err, ErrNotClaimed) {
		t.Fatalf("released twice: %v", err)
	}
	same(t, outcomes(t, l, "welcome"), []string{"pending", "pending", "pending"})
	_, some, err := c.NextDue(t.Context(), "d")
	check(t, err)
	same(t, some, true)

	batch = claimAll(t, c, "d", 9)
	same(t, rowsOf(batch), []int{1, 2, 3})
	same(t, batch[0].Attempts, 0)
	check(t, c.Record(t.Context(), []send.Change{
		ended(batch[0], deferredAt(clk.Now()), clk.Now()), ended(batch[1], deliveredAt(clk.Now()), time.Time{}),
	}))
	batch = claimAll(t, c, "d", 9)
	same(t, rowsOf(batch), []int{1})
	check(t, c.Release(t.Context(), []int64{batch[0].ID}))
	same(t, outcomes(t, l, "welcome"), []string{"deferred", "delivered", "pending"})
}

func testRecordAtomic(t *testing.T, b backend) {
	clk := newClock()
	l := b.open(t, clk.options("boot"))
	c := begin(t, l, "welcome", entries("1@d.example", "2@d.example", "3@d.example"))
	batch := claimAll(t, c, "d", 2)
	good := ended(batch[0], deliveredAt(clk.Now()), time.Time{})
	lost := batch[1]
	lost.ID++ // row 3, which nobody claimed
	strange := deliveredAt(clk.Now())
	strange.Outcome = "vanished"
	for name, bad := range map[string]send.Change{
		"intent":  intent(lost),
		"outcome": ended(lost, deliveredAt(clk.Now()), time.Time{}),
		"twice":   good,
		"strange": ended(batch[1], strange, time.Time{}),
	} {
		err := c.Record(t.Context(), []send.Change{intent(batch[1]), good, bad})
		if err == nil || name != "strange" && !errors.Is(err, ErrNotClaimed) {
			t.Fatalf("%s: %v", name, err)
		}
		same(t, outcomes(t, l, "welcome"), []string{"pending", "pending", "pending"})
	}
	check(t, c.Record(t.Context(), nil))
	check(t, c.Record(t.Context(), []send.Change{intent(batch[1]), intent(batch[1]), good}))
	check(t, c.Record(t.Context(), []send.Change{intent(batch[1])}))
	if err := c.Record(t.Context(), []send.Change{good}); !errors.Is(err, ErrNotClaimed) {
		t.Fatalf("recorded twice: %v", err)
	}
	l.die(t)
	l = b.open(t, clk.options("boot"))
	same(t, outcomes(t, l, "welcome"), []string{"delivered", "unknown", "pending"})
}

func testRecordAfterCancel(t *testing.T, b backend) {
	clk := newClock()
	l := b.open(t, clk.options("boot"))
	c := begin(t, l, "welcome", entries("1@d.example", "2@d.example"))
	batch := claimAll(t, c, "d", 2)
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(errStop)
	check(t, c.Record(ctx, []send.Change{ended(batch[0], deliveredAt(clk.Now()), time.Time{})}))
	check(t, c.Release(ctx, []int64{batch[1].ID}))
	if _, err := c.Claim(ctx, "d", 1, time.Time{}); !errors.Is(err, errStop) {
		t.Fatalf("claimed after the end: %v", err)
	}
	same(t, outcomes(t, l, "welcome"), []string{"delivered", "pending"})
}

// testHistory proves that attempts come out as they went in.
func testHistory(t *testing.T, b backend) {
	clk := newClock()
	l := b.open(t, clk.options("boot"))
	c := begin(t, l, "welcome", entries("o'Neil@d.example", `"a b@c"@d.example`, "jörg@bücher.example"))
	network := delivery.Attempt{Stage: delivery.StageConnect, Err: "connection refused", Outcome: delivery.OutcomeDeferred}
	want := []delivery.Attempt{deferredAt(clk.Now()), network, deferredAt(clk.Now()), deliveredAt(clk.Now())}
	var id int64
	for i := range want {
		r := claimAll(t, c, "d", 1)[0]
		if i == 0 {
			id = r.ID
		}
		same(t, []any{r.ID, r.Attempts}, []any{id, i})
		want[i].Time = clk.Now().Local()
		check(t, c.Record(t.Context(), []send.Change{ended(r, want[i], clk.Now())}))
		want[i].Number, want[i].Recipient, want[i].Destination = i+1, r.Address, "d"
		clk.advance(time.Second)
	}
	got, err := l.Attempts(t.Context(), "welcome", address("o'Neil@d.example"))
	check(t, err)
	same(t, got, want)

	all := exported(t, l, "welcome")
	same(t, all[0], Recipient{
		Row: 1, Line: 2, Address: address("o'Neil@d.example"), Destination: "d",
		Outcome: delivery.OutcomeDelivered, Attempts: 4, Last: &want[3],
	})
	same(t, all[1], Recipient{Row: 2, Line: 3, Address: address(`"a b@c"@d.example`), Destination: "d"})
	same(t, all[2].Address, address("jörg@bücher.example"))

	none, err := l.Attempts(t.Context(), "welcome", address(`"a b@c"@d.example`))
	check(t, err)
	same(t, none, []delivery.Attempt(nil))
	if _, err := l.Attempts(t.Context(), "other", address("a@d.example")); !errors.Is(err, ErrNotFound) {
		t.Fatalf("no such campaign: %v", err)
	}
}

func testApart(t *testing.T, b backend) {
	clk := newClock()
	l, other := b.open(t, clk.options("boot")), b.open(t, clk.options("boot"))
	list := entries("1@d.example", "2@d.example")
	one, two := begin(t, l, "one", list), begin(t, other, "two", list)
	first := claimAll(t, one, "d", 1)
	check(t, one.Record(t.Context(), []send.Change{ended(first[0], deliveredAt(clk.Now()), time.Time{})}))
	if err := two.Record(t.Context(), []send.Change{intent(first[0])}); !errors.Is(err, ErrNotClaimed) {
		t.Fatalf("another's recipient: %v", err)
	}
	same(t, rowsOf(claimAll(t, two, "d", 9)), []int{1, 2})
	same(t, outcomes(t, l, "one"), []string{"delivered", "pending"})
	same(t, outcomes(t, l, "two"), []string{"pending", "pending"})
	var names []string
	check(t, l.List(t.Context(), func(i Info) error {
		names = append(names, i.Name)
		return nil
	}))
	same(t, names, []string{"one", "two"})
}

// testEveryoneOnce has many goroutines claim and record at the same time.
func testEveryoneOnce(t *testing.T, b backend) {
	clk := newClock()
	l := b.open(t, clk.options("boot"))
	const people, queues = 240, 24
	list := make([]string, people)
	for i := range list {
		list[i] = fmt.Sprintf("%d@d%d.example", i, i%queues)
	}
	c := begin(t, l, "welcome", entries(list...))
	var mu sync.Mutex
	seen := map[int64]int{}
	var all sync.WaitGroup
	for q := range queues {
		all.Go(func() {
			for {
				batch, err := c.Claim(background(), fmt.Sprintf("d%d", q), 7, time.Time{})
				if err != nil {
					t.Error(err)
				}
				if len(batch) == 0 {
					return
				}
				for _, r := range batch {
					mu.Lock()
					seen[r.ID]++
					mu.Unlock()
					err := c.Record(background(), []send.Change{intent(r), ended(r, deliveredAt(clk.Now()), time.Time{})})
					if err != nil {
						t.Error(err)
					}
				}
			}
		})
	}
	all.Wait()
	same(t, len(seen), people)
	for id, n := range seen {
		if n != 1 {
			t.Errorf("row %d was claimed %d times", rowOf(id), n)
		}
	}
	totals, err := c.Totals(t.Context())
	check(t, err)
	same(t, totals.Counts, Counts{Delivered: people})
}

func testNames(t *testing.T, b backend) {
	l := b.open(t, newClock().options("boot"))
	for _, bad := range []string{"", "a\nb", "a\x00b", "\xff", string(make([]rune, 300))} {
		if _, err := l.Begin(t.Context(), spec(bad)); !errors.Is(err, ErrName) || len(delivery.Hints(err)) == 0 {
			t.Errorf("name %q: %v", bad, err)
		}
	}
	for _, name := range []string{"../../etc/passwd", "a b", "'; DROP TABLE campaigns", "été", "%s"} {
		c, err := l.Begin(t.Context(), spec(name))
		check(t, err)
		same(t, c.Name(), name)
		check(t, c.Close())
	}
}

func testExportStops(t *testing.T, b backend) {
	l := b.open(t, newClock().options("boot"))
	list := make([]string, 1200)
	for i := range list {
		list[i] = fmt.Sprintf("%d@d.example", i)
	}
	begin(t, l, "welcome", entries(list...))
	var rows []int
	err := l.Export(t.Context(), "welcome", func(r Recipient) error {
		rows = append(rows, r.Row)
		if len(rows) == 1100 {
			return errStop
		}
		return nil
	})
	if !errors.Is(err, errStop) || len(rows) != 1100 || !slices.IsSorted(rows) {
		t.Fatalf("stopped with %v after %d rows", err, len(rows))
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := l.Export(ctx, "welcome", func(Recipient) error { return nil }); !errors.Is(err, context.Canceled) {
		t.Fatalf("ended context: %v", err)
	}
}
