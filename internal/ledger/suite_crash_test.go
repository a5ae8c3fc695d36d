package ledger

import (
	"errors"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/mailctl/mailctl/pkg/delivery"
	"github.com/mailctl/mailctl/pkg/send"
)

func testCrash(t *testing.T, b backend) {
	clk := newClock()
	l := b.open(t, clk.options("boot"))
	c := begin(t, l, "welcome", entries("1@d.example", "2@d.example", "3@d.example", "4@d.example", "5@d.example"))
	batch := claimAll(t, c, "d", 4)
	check(t, c.Record(t.Context(), []send.Change{intent(batch[0]), intent(batch[1]), ended(batch[0], deliveredAt(clk.Now()), time.Time{})}))
	l.die(t)

	l = b.open(t, clk.options("boot"))
	clk.advance(time.Minute)
	c = begin(t, l, "welcome", nil)
	same(t, outcomes(t, l, "welcome"), []string{"delivered", "unknown", "pending", "pending", "pending"})
	same(t, rowsOf(claimAll(t, c, "d", 9)), []int{3, 4, 5})
	attempts, err := l.Attempts(t.Context(), "welcome", address("2@d.example"))
	check(t, err)
	if len(attempts) != 1 || attempts[0].Outcome != delivery.OutcomeUnknown || attempts[0].Err == "" || !attempts[0].Time.Equal(clk.Now()) {
		t.Fatalf("attempts of the unknown: %+v", attempts)
	}
	l.die(t)

	// Nothing was intended since.
	l = b.open(t, clk.options("boot"))
	same(t, outcomes(t, l, "welcome"), []string{"delivered", "unknown", "pending", "pending", "pending"})
}

func testCrashRetry(t *testing.T, b backend) {
	clk := newClock()
	l := b.open(t, clk.options("boot"))
	c := begin(t, l, "welcome", entries("1@d.example", "2@d.example", "3@d.example"))
	for _, r := range claimAll(t, c, "d", 3) {
		check(t, c.Record(t.Context(), []send.Change{intent(r)})) // ends with its attempt
		check(t, c.Record(t.Context(), []send.Change{ended(r, deferredAt(clk.Now()), clk.Now())}))
	}
	batch := claimAll(t, c, "d", 2)
	same(t, outcomes(t, l, "welcome"), []string{"deferred", "deferred", "deferred"})
	check(t, c.Record(t.Context(), []send.Change{intent(batch[1])}))
	l.die(t)

	l = b.open(t, clk.options("boot"))
	c = begin(t, l, "welcome", nil)
	same(t, outcomes(t, l, "welcome"), []string{"deferred", "unknown", "deferred"})
	batch = claimAll(t, c, "d", 9)
	same(t, rowsOf(batch), []int{1, 3})
	same(t, batch[0].Attempts, 1)
	same(t, batch[0].First.UTC(), clk.Now())
}

// testCrashVoid proves that an intent can be taken back, in the same group or a
// later one, and come again.
func testCrashVoid(t *testing.T, b backend) {
	clk := newClock()
	l := b.open(t, clk.options("boot"))
	c := begin(t, l, "welcome", entries("1@d.example", "2@d.example", "3@d.example", "4@d.example", "5@d.example"))
	void := func(r send.Recipient) send.Change { return send.Change{Recipient: r.ID, Void: true} }
	r := claimAll(t, c, "d", 5)
	check(t, c.Record(t.Context(), []send.Change{
		intent(r[0]), intent(r[1]), void(r[1]), intent(r[2]), intent(r[3]), void(r[3]), intent(r[3]), void(r[4]),
	}))
	check(t, c.Record(t.Context(), []send.Change{void(r[0]), void(r[2]), intent(r[2]), void(r[3]), intent(r[1]), void(r[1])}))
	check(t, c.Record(t.Context(), []send.Change{intent(r[4]), ended(r[4], deliveredAt(clk.Now()), time.Time{})}))
	l.die(t)
	l = b.open(t, clk.options("boot"))
	same(t, outcomes(t, l, "welcome"), []string{"pending", "pending", "unknown", "pending", "delivered"})
}

// testPowerCut proves that after a new start of the machine intents are not
// trusted.
func testPowerCut(t *testing.T, b backend) {
	for name, boots := range map[string][2]string{"other boot": {"one", "two"}, "cannot be told": {"", ""}} {
		clk := newClock()
		l := b.open(t, clk.options(boots[0]))
		c := begin(t, l, name, entries("1@d.example", "2@d.example", "3@d.example", "4@d.example"))
		batch := claimAll(t, c, "d", 3)
		check(t, c.Record(t.Context(), []send.Change{
			intent(batch[0]), ended(batch[1], deliveredAt(clk.Now()), time.Time{}),
		}))
		l.die(t)
		l = b.open(t, clk.options(boots[1]))
		c = begin(t, l, name, nil)
		same(t, outcomes(t, l, name), []string{"unknown", "delivered", "unknown", "pending"})
		same(t, rowsOf(claimAll(t, c, "d", 9)), []int{4})
		check(t, c.Close())
		check(t, l.Close())
	}
}

func testResendUnknown(t *testing.T, b backend) {
	clk := newClock()
	l := b.open(t, clk.options("boot"))
	begin(t, l, "other", entries("1@d.example"))
	c := begin(t, l, "welcome", entries("1@d.example", "2@d.example"))
	batch := claimAll(t, c, "d", 2)
	check(t, c.Record(t.Context(), []send.Change{intent(batch[0]), intent(batch[1])}))
	check(t, c.Close())
	c = begin(t, l, "welcome", nil)
	same(t, outcomes(t, l, "welcome"), []string{"unknown", "unknown"})
	n, err := c.ResendUnknown(t.Context())
	check(t, err)
	same(t, n, 2)
	same(t, outcomes(t, l, "welcome"), []string{"pending", "pending"})
	n, err = c.ResendUnknown(t.Context())
	check(t, err)
	same(t, n, 0)
	batch = claimAll(t, c, "d", 2)
	same(t, []any{rowsOf(batch), batch[0].Attempts}, []any{[]int{1, 2}, 1})
}

func testCloseSettles(t *testing.T, b backend) {
	clk := newClock()
	l := b.open(t, clk.options("boot"))
	c := begin(t, l, "welcome", entries("1@d.example", "2@d.example", "3@d.example"))
	batch := claimAll(t, c, "d", 2)
	check(t, c.Record(t.Context(), []send.Change{intent(batch[0])}))
	check(t, c.Close())
	same(t, outcomes(t, l, "welcome"), []string{"unknown", "pending", "pending"})
	for name, err := range map[string]error{
		"record": c.Record(t.Context(), []send.Change{intent(batch[1])}),
		"finish": c.Finish(t.Context()),
	} {
		if !errors.Is(err, ErrClosed) {
			t.Errorf("%s after the end: %v", name, err)
		}
	}
	if _, err := c.Claim(t.Context(), "d", 1, time.Time{}); !errors.Is(err, ErrClosed) {
		t.Errorf("claim after the end: %v", err)
	}
}

func testChanged(t *testing.T, b backend) {
	clk := newClock()
	l := b.open(t, clk.options("boot"))
	untried := begin(t, l, "untried", entries("1@d.example"))
	check(t, untried.Close())
	s := spec("untried")
	s.List = Identity{"changed", "digest-2"}
	untried, err := l.Begin(t.Context(), s)
	check(t, err)
	same(t, untried.Loaded(), false)
	check(t, untried.Close())

	c := begin(t, l, "welcome", entries("1@d.example"))
	check(t, c.Record(t.Context(), []send.Change{ended(claimAll(t, c, "d", 1)[0], deliveredAt(clk.Now()), time.Time{})}))
	check(t, c.Close())
	for what, change := range map[string]func(*Spec) *Identity{
		"list":    func(s *Spec) *Identity { return &s.List },
		"message": func(s *Spec) *Identity { return &s.Message },
		"sender":  func(s *Spec) *Identity { return &s.Sender },
		"via":     func(s *Spec) *Identity { return &s.Via },

		"choice of rows": func(s *Spec) *Identity { return &s.Rows },
	} {
		s := spec("welcome")
		part := change(&s)
		*part = Identity{"renamed", part.Digest}
		c, err := l.Begin(t.Context(), s)
		check(t, err)
		check(t, c.Close())
		*part = Identity{"not compared", ""}
		c, err = l.Begin(t.Context(), s)
		check(t, err)
		check(t, c.Close())
		*part = Identity{"changed", "digest-2"}
		_, err = l.Begin(t.Context(), s)
		changed := new(ChangedError)
		if !errors.Is(err, ErrChanged) || !errors.As(err, &changed) || changed.What != what || changed.Now != "changed" {
			t.Errorf("%s: %v", what, err)
		}
		if hints := delivery.Hints(err); len(hints) != 1 || !strings.Contains(hints[0], what) {
			t.Errorf("%s: hints %q", what, hints)
		}
	}
}

func testBusy(t *testing.T, b backend) {
	clk := newClock()
	l, other := b.open(t, clk.options("boot")), b.open(t, clk.options("boot"))
	c := begin(t, l, "welcome", entries("1@d.example", "2@d.example"))
	batch := claimAll(t, c, "d", 1)
	check(t, c.Record(t.Context(), []send.Change{intent(batch[0])}))
	_, err := other.Begin(t.Context(), spec("welcome"))
	busy := new(BusyError)
	if !errors.Is(err, ErrBusy) || !errors.As(err, &busy) || busy.PID != os.Getpid() || len(delivery.Hints(err)) == 0 {
		t.Fatalf("begun twice: %v", err)
	}
	if _, err := other.Cancel(t.Context(), "welcome"); !errors.Is(err, ErrBusy) {
		t.Fatalf("cancelled while busy: %v", err)
	}
	// Others may look, and settle nothing.
	same(t, outcomes(t, other, "welcome"), []string{"pending", "pending"})
	info, _, err := other.Show(t.Context(), "welcome")
	check(t, err)
	same(t, info.Status, StatusSending)
	check(t, c.Close())
	c, err = other.Begin(t.Context(), spec("welcome"))
	check(t, err)
	check(t, c.Close())
}

func testCancel(t *testing.T, b backend) {
	clk := newClock()
	l := b.open(t, clk.options("boot"))
	c := begin(t, l, "welcome", entries("1@d.example", "2@d.example", "3@d.example"))
	batch := claimAll(t, c, "d", 2)
	check(t, c.Record(t.Context(), []send.Change{intent(batch[0]), ended(batch[1], deferredAt(clk.Now()), clk.Now())}))
	l.die(t)
	l = b.open(t, clk.options("boot"))
	_, err := l.Cancel(t.Context(), "welcome")
	check(t, err)
	ended := clk.Now()
	clk.advance(time.Hour)
	status, err := l.Cancel(t.Context(), "welcome")
	check(t, err)
	same(t, status, StatusCancelled)
	info, totals, err := l.Show(t.Context(), "welcome")
	check(t, err)
	same(t, []any{info.Status, info.Ended.UTC()}, []any{StatusCancelled, ended})
	same(t, totals.Counts, Counts{Unknown: 1, Deferred: 1, Pending: 1})
	if _, err := l.Begin(t.Context(), spec("welcome")); !errors.Is(err, ErrCancelled) || len(delivery.Hints(err)) == 0 {
		t.Fatalf("begun after it was cancelled: %v", err)
	}
	if _, err := l.Cancel(t.Context(), "other"); !errors.Is(err, ErrNotFound) || len(delivery.Hints(err)) == 0 {
		t.Fatalf("cancelled what is not there: %v", err)
	}

	c = begin(t, l, "finished", entries("1@d.example"))
	check(t, c.Finish(t.Context()))
	check(t, c.Close())
	status, err = l.Cancel(t.Context(), "finished")
	check(t, err)
	same(t, status, StatusFinished)
	info, _, err = l.Show(t.Context(), "finished")
	check(t, err)
	same(t, info.Status, StatusFinished)
}

func testStatus(t *testing.T, b backend) {
	clk := newClock()
	l := b.open(t, clk.options("boot"))
	want := func(l ledgerUnderTest, status Status, reason string) Info {
		t.Helper()
		info, _, err := l.Show(t.Context(), "welcome")
		check(t, err)
		same(t, []any{info.Status, info.Reason}, []any{status, reason})
		return info
	}
	c, err := l.Begin(t.Context(), spec("welcome"))
	check(t, err)
	want(l, StatusLoading, "")
	if err := c.Pause(t.Context(), "too early"); !errors.Is(err, ErrNotReady) {
		t.Fatal(err)
	}
	check(t, c.Load(t.Context(), each(entries("1@d.example", "2@d.example", "3@d.example"))))
	check(t, c.Ready(t.Context()))
	same(t, want(l, StatusReady, "").Started.IsZero(), true)
	clk.advance(time.Second)
	started := clk.Now()
	claimAll(t, c, "d", 1)
	want(l, StatusSending, "")
	l.die(t)
	l = b.open(t, clk.options("boot"))
	want(l, StatusInterrupted, "")
	c = begin(t, l, "welcome", nil)
	check(t, c.Pause(t.Context(), "the relay refuses everyone"))
	want(l, StatusPaused, "the relay refuses everyone")
	clk.advance(time.Second)
	claimAll(t, c, "d", 1)
	same(t, want(l, StatusSending, "").Started.UTC(), started)
	check(t, c.Finish(t.Context()))
	info := want(l, StatusFinished, "")
	same(t, info.Ended.UTC(), clk.Now())
	same(t, claimAll(t, c, "nobody's", 1), []send.Recipient(nil))
	want(l, StatusFinished, "")
	claimAll(t, c, "d", 1)
	same(t, want(l, StatusSending, "").Ended.IsZero(), true)
	if _, _, err := l.Show(t.Context(), "other"); !errors.Is(err, ErrNotFound) {
		t.Fatal(err)
	}
}
