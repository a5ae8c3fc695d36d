package ledger

import (
	"context"
	"errors"
	"io"
	"testing"
	"time"

	"github.com/mailctl/mailctl/pkg/delivery"
	"github.com/mailctl/mailctl/pkg/send"
)

func testIntake(t *testing.T, b backend) {
	clk := newClock()
	l := b.open(t, clk.options("boot"))
	list := entries("1@d.example", "2@d.example", "3@d.example", "4@e.example")
	list[1].Suppressed = true
	list[2].Address = delivery.Address{}
	list[2].Skip = &Problem{"invalid-address", `contacts.csv:4: invalid address "nobody"`}
	c := begin(t, l, "welcome", list)
	same(t, c.Loaded(), true)
	same(t, outcomes(t, l, "welcome"), []string{"pending", "suppressed", "skipped", "pending"})
	same(t, exported(t, l, "welcome")[2], Recipient{
		Row: 3, Line: 4, Outcome: delivery.OutcomeSkipped, Problem: list[2].Skip,
	})
	same(t, rowsOf(claimAll(t, c, "d", 9)), []int{1})
	if err := c.Load(t.Context(), each(list)); !errors.Is(err, ErrReady) {
		t.Fatalf("taken in twice: %v", err)
	}
	if err := c.Skip(t.Context(), each([]SkippedRow{})); !errors.Is(err, ErrReady) {
		t.Fatalf("set aside too late: %v", err)
	}
	check(t, c.Ready(t.Context()))
	check(t, c.Close())

	c, err := l.Begin(t.Context(), spec("welcome"))
	check(t, err)
	same(t, c.Loaded(), true)
}

// testIntakeInterrupted proves that an intake that did not come to its end
// leaves nothing behind.
func testIntakeInterrupted(t *testing.T, b backend) {
	clk := newClock()
	for _, end := range []string{"error", "death", "cancel", "not ready"} {
		l := b.open(t, clk.options("boot"))
		c, err := l.Begin(t.Context(), spec("welcome"))
		check(t, err)
		same(t, c.Loaded(), false)
		if _, err := c.Claim(t.Context(), "d", 1, time.Time{}); !errors.Is(err, ErrNotReady) {
			t.Fatalf("claimed before the intake: %v", err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		n, rows := 0, 10
		if end == "error" {
			rows = intakeRows + 10 // more than share a transaction
		}
		err = c.Load(ctx, func() (Entry, error) {
			n++
			switch {
			case n > rows && end == "error":
				return Entry{}, errStop
			case n > rows:
				return Entry{}, io.EOF
			case n == rows && end == "cancel":
				cancel()
			}
			return Entry{Row: n, Address: address("a@d.example"), Destination: "d", Suppressed: n%2 == 0}, nil
		})
		switch end {
		case "error":
			if !errors.Is(err, errStop) {
				t.Fatal(err)
			}
		case "cancel":
			if !errors.Is(err, context.Canceled) {
				t.Fatal(err)
			}
		default:
			check(t, err)
		}
		if end == "death" {
			l.die(t)
		} else {
			check(t, c.Close())
			check(t, l.Close())
		}
		cancel()
	}
	l := b.open(t, clk.options("boot"))
	info, _, err := l.Show(t.Context(), "welcome")
	check(t, err)
	same(t, info.Status, StatusIncomplete)

	changed := spec("welcome") // nothing was sent, so that another list is no harm
	changed.List = Identity{"other.csv", "list-2"}
	c, err := l.Begin(t.Context(), changed)
	check(t, err)
	check(t, c.Load(t.Context(), each(entries("1@d.example", "2@d.example"))))
	check(t, c.Load(t.Context(), each(entries("1@d.example", "2@d.example", "3@e.example"))))
	check(t, c.Ready(t.Context()))
	same(t, outcomes(t, l, "welcome"), []string{"pending", "pending", "pending"})
	info, totals, err := l.Show(t.Context(), "welcome")
	check(t, err)
	same(t, []any{info.Spec.List, totals.Recipients}, []any{changed.List, int64(3)})
}

func testIntakeRefuses(t *testing.T, b backend) {
	l := b.open(t, newClock().options("boot"))
	c, err := l.Begin(t.Context(), spec("welcome"))
	check(t, err)
	good := entries("1@d.example")[0]
	for name, bad := range map[string]func(*Entry){
		"row 0":      func(e *Entry) { e.Row = 0 },
		"row twice":  func(e *Entry) { e.Row = 1 },
		"no address": func(e *Entry) { e.Row, e.Address = 2, delivery.Address{} },
	} {
		second := good
		bad(&second)
		if err := c.Load(t.Context(), each([]Entry{good, second})); !errors.Is(err, ErrBadEntry) {
			t.Errorf("%s: %v", name, err)
		}
	}
	check(t, c.Load(t.Context(), each([]Entry{})))
	check(t, c.Ready(t.Context()))
	totals, err := c.Totals(t.Context())
	check(t, err)
	same(t, totals.Recipients, int64(0))
}

func testSkip(t *testing.T, b backend) {
	clk := newClock()
	l := b.open(t, clk.options("boot"))
	c, err := l.Begin(t.Context(), spec("welcome"))
	check(t, err)
	list := entries("1@d.example", "2@d.example", "3@e.example", "4@d.example")
	list[3].Suppressed = true
	check(t, c.Load(t.Context(), each(list)))
	twice := Problem{"duplicate", "contacts.csv:3: duplicate of line 2"}
	check(t, c.Skip(t.Context(), each([]SkippedRow{{2, twice}, {3, twice}, {4, twice}, {2, twice}})))
	if err := c.Skip(t.Context(), each([]SkippedRow{{9, twice}})); !errors.Is(err, ErrBadEntry) {
		t.Fatalf("a row that is not there: %v", err)
	}
	if err := c.Skip(t.Context(), func() (SkippedRow, error) { return SkippedRow{}, errStop }); !errors.Is(err, errStop) {
		t.Fatalf("an error of the source: %v", err)
	}
	check(t, c.Ready(t.Context()))
	same(t, outcomes(t, l, "welcome"), []string{"pending", "skipped", "skipped", "suppressed"})
	keys, err := c.Destinations(t.Context())
	check(t, err)
	same(t, keys, []string{"d"})
	same(t, rowsOf(claimAll(t, c, "d", 9)), []int{1})
	totals, err := c.Totals(t.Context())
	check(t, err)
	same(t, totals.BySkip, map[string]int64{"duplicate": 2})
	var aside []Recipient
	check(t, c.Aside(t.Context(), func(r Recipient) error { aside = append(aside, r); return nil }))
	same(t, aside, []Recipient{
		{Row: 2, Line: list[1].Line, Address: list[1].Address, Outcome: delivery.OutcomeSkipped, Problem: &twice},
		{Row: 3, Line: list[2].Line, Address: list[2].Address, Outcome: delivery.OutcomeSkipped, Problem: &twice},
		{Row: 4, Line: list[3].Line, Address: list[3].Address, Outcome: delivery.OutcomeSuppressed},
	})
	if err := c.Aside(t.Context(), func(Recipient) error { return errStop }); !errors.Is(err, errStop) {
		t.Fatalf("an error of the caller: %v", err)
	}
	same(t, totals.ByDestination, []DestinationCounts{
		{"d", Counts{Skipped: 1, Suppressed: 1}}, {"e", Counts{Skipped: 1}},
	})
}

func testSuppressed(t *testing.T, b backend) {
	l := b.open(t, newClock().options("boot"))
	list := l.Suppressions()
	n, err := list.Import(t.Context(), each([]Suppression{
		{Address: "Gone@d.example", Reason: "hard-bounce"},
		{Address: "@Bücher.example", Reason: "complaint"},
		{Address: "A@[IPv6:2001:db8::1]"},
		{Address: "@[192.0.2.1]"},
	}))
	check(t, err)
	same(t, n, 4)
	c := begin(t, l, "welcome", entries("GONE@d.example", "here@d.example", "jörg@bücher.example", "x@sub.bücher.example",
		"a@[IPv6:2001:DB8::1]", "b@[192.0.2.1]"))
	same(t, outcomes(t, l, "welcome"), []string{"suppressed", "pending", "suppressed", "pending", "suppressed", "suppressed"})
	totals, err := c.Totals(t.Context())
	check(t, err)
	same(t, totals.Counts, Counts{Pending: 2, Suppressed: 4})
}

// testSuppressedSince proves that a suppression is obeyed until the last moment.
func testSuppressedSince(t *testing.T, b backend) {
	clk := newClock()
	l := b.open(t, clk.options("boot"))
	list := l.Suppressions()
	_, err := list.Add(t.Context(), Suppression{Address: "old@d.example"})
	check(t, err)
	c := begin(t, l, "welcome", entries("1@d.example", "2@d.example", "3@d.example", "4@d.example", "5@e.example"))
	batch := claimAll(t, c, "d", 2)
	check(t, c.Record(t.Context(), []send.Change{
		ended(batch[0], deferredAt(clk.Now()), clk.Now()), ended(batch[1], deferredAt(clk.Now()), clk.Now()),
	}))
	for _, a := range []string{"1@d.example", "3@d.example", "@e.example"} {
		added, err := list.Add(t.Context(), Suppression{Address: a, Reason: "unsubscribed"})
		check(t, err)
		same(t, added, true)
	}
	same(t, rowsOf(claimAll(t, c, "d", 2)), []int{2})
	same(t, rowsOf(claimAll(t, c, "d", 2)), []int{4})
	same(t, rowsOf(claimAll(t, c, "e", 1)), []int{})
	same(t, outcomes(t, l, "welcome"), []string{"suppressed", "deferred", "suppressed", "pending", "suppressed"})
	same(t, exported(t, l, "welcome")[0].Attempts, 1)
}

func testSuppressionList(t *testing.T, b backend) {
	clk := newClock()
	l := b.open(t, clk.options("boot"))
	list := l.Suppressions()
	entry := Suppression{"Ann@d.example", "hard-bounce", "campaign welcome", clk.Now().Add(-time.Hour).Local()}
	added, err := list.Add(t.Context(), entry)
	check(t, err)
	same(t, added, true)
	added, err = list.Add(t.Context(), Suppression{Address: "ANN@D.example."})
	check(t, err)
	same(t, added, false)
	_, err = list.Add(t.Context(), Suppression{Address: " @D.Example "})
	check(t, err)
	for _, bad := range []string{"", "@", "ann", "@two words", "ann@d.example, bob@d.example"} {
		if _, err := list.Add(t.Context(), Suppression{Address: bad}); err == nil {
			t.Errorf("%q was taken", bad)
		}
	}
	if _, err := list.Import(t.Context(), func() (Suppression, error) { return Suppression{}, errStop }); !errors.Is(err, errStop) {
		t.Fatalf("an error of the source: %v", err)
	}
	domain := Suppression{Address: "@d.example", Time: clk.Now().Local()}

	got, found, err := list.Lookup(t.Context(), address("ann@d.example"))
	check(t, err)
	same(t, []any{got, found}, []any{entry, true})
	got, found, err = list.Lookup(t.Context(), address("bob@d.example"))
	check(t, err)
	same(t, []any{got, found}, []any{domain, true})
	_, found, err = list.Lookup(t.Context(), address("bob@sub.d.example"))
	check(t, err)
	same(t, found, false)

	var all []Suppression
	check(t, list.Each(t.Context(), func(s Suppression) error {
		all = append(all, s)
		return nil
	}))
	same(t, all, []Suppression{entry, domain})
	err = list.Each(t.Context(), func(Suppression) error { return errStop })
	if !errors.Is(err, errStop) {
		t.Fatalf("stopped with %v", err)
	}

	removed, err := list.Remove(t.Context(), "ANN@d.example")
	check(t, err)
	same(t, removed, true)
	removed, err = list.Remove(t.Context(), "ANN@d.example")
	check(t, err)
	same(t, removed, false)
	if _, err := list.Remove(t.Context(), "nonsense"); err == nil {
		t.Error("removed nonsense")
	}
}

// testDiscard proves that nothing is left of a campaign whose list was refused,
// and that one that is ready cannot be discarded.
func testDiscard(t *testing.T, b backend) {
	clk := newClock()
	l := b.open(t, clk.options("boot"))
	c, err := l.Begin(t.Context(), spec("refused"))
	check(t, err)
	check(t, c.Load(t.Context(), each(entries("1@d.example", "2@e.example"))))
	check(t, c.Discard(t.Context()))
	check(t, c.Close())
	if _, _, err := l.Show(t.Context(), "refused"); !errors.Is(err, ErrNotFound) {
		t.Fatalf("a discarded campaign: %v", err)
	}
	c = begin(t, l, "refused", entries("3@f.example"))
	same(t, outcomes(t, l, "refused"), []string{"pending"})
	if err := c.Discard(t.Context()); !errors.Is(err, ErrReady) {
		t.Fatalf("discarded what is ready: %v", err)
	}
	check(t, c.Close())
}

func TestNextName(t *testing.T) {
	for name, want := range map[string]string{"welcome": "welcome-2", "welcome-2": "welcome-3", "a-b": "a-b-2", "-1": "-1-2", "x-2026": "x-2026-2"} {
		same(t, nextName(name), want)
	}
}
