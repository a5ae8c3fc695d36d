package ledger

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/mailctl/mailctl/pkg/delivery"
	"github.com/mailctl/mailctl/pkg/send"
)

// A clock stands still until it is moved.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func newClock() *clock {
	return &clock{now: time.Date(2026, 12, 1, 9, 0, 0, 0, time.UTC)}
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

func (c *clock) options(boot string) Options { return Options{BootID: boot, Now: c.Now} }

// check fails the test when there is an error.
func check(tb testing.TB, err error) {
	tb.Helper()
	if err != nil {
		tb.Fatal(err)
	}
}

// same compares what is with what should be.
func same(tb testing.TB, got, want any) {
	tb.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		tb.Fatalf("unexpected result (-want +got):\n%s", diff)
	}
}

func address(s string) delivery.Address {
	a, err := delivery.ParseAddress(s)
	if err != nil {
		panic(err)
	}
	return a
}

func spec(name string) Spec {
	return Spec{
		Name:    name,
		List:    Identity{"contacts.csv", "list-1"},
		Message: Identity{"welcome.md", "message-1"},
		Sender:  Identity{"news@acme.example", "sender-1"},
		Via:     Identity{"smtp://relay.acme.example", "via-1"},
		Rows:    Identity{"all", "rows-1"},
	}
}

// entries makes entries of addresses; a destination is the domain's first label.
func entries(addresses ...string) []Entry {
	list := make([]Entry, len(addresses))
	for i, s := range addresses {
		a := address(s)
		label, _, _ := strings.Cut(a.Domain, ".")
		list[i] = Entry{Row: i + 1, Line: i + 2, Address: a, Destination: label, Data: fmt.Appendf(nil, `{"n":%d}`, i+1)}
	}
	return list
}

// each returns a function that returns one value after the other and then
// io.EOF.
func each[T any](values []T) func() (T, error) {
	return func() (T, error) {
		var none T
		if len(values) == 0 {
			return none, io.EOF
		}
		v := values[0]
		values = values[1:]
		return v, nil
	}
}

// begin opens a campaign and takes a list in if none was.
func begin(tb testing.TB, l ledgerUnderTest, name string, list []Entry) campaignUnderTest {
	tb.Helper()
	return beginAs(tb, l, spec(name), list)
}

// rehearse is begin for a campaign on which nothing leaves this machine.
func rehearse(tb testing.TB, l ledgerUnderTest, name string, list []Entry) campaignUnderTest {
	tb.Helper()
	s := spec(name)
	s.Via = Identity{ViaSink, "via-2"}
	return beginAs(tb, l, s, list)
}

func beginAs(tb testing.TB, l ledgerUnderTest, s Spec, list []Entry) campaignUnderTest {
	tb.Helper()
	c, err := l.Begin(tb.Context(), s)
	check(tb, err)
	if !c.Loaded() {
		check(tb, c.Load(tb.Context(), each(list)))
		check(tb, c.Ready(tb.Context()))
	}
	return c
}

// claimAll claims up to n recipients of a destination, and returns those who were
// claimed.
func claimAll(tb testing.TB, c send.Store, destination string, n int) []send.Recipient {
	tb.Helper()
	batch, err := c.Claim(tb.Context(), destination, n, time.Time{})
	check(tb, err)
	return slices.DeleteFunc(batch, func(r send.Recipient) bool { return r.Suppressed })
}

func rowsOf(batch []send.Recipient) []int {
	rows := []int{}
	for _, r := range batch {
		rows = append(rows, r.Row)
	}
	return rows
}

func intent(r send.Recipient) send.Change { return send.Change{Recipient: r.ID} }

// ended is the change for an attempt that ended.
func ended(r send.Recipient, a delivery.Attempt, next time.Time) send.Change {
	a.Recipient, a.Number = r.Address, r.Attempts+1
	return send.Change{Recipient: r.ID, Attempt: &a, NextTry: next}
}

func deliveredAt(t time.Time) delivery.Attempt {
	return delivery.Attempt{
		Time: t, Host: "mx.example.com", IP: "192.0.2.1", Stage: delivery.StageMessage,
		Reply:     delivery.Reply{Code: 250, Enhanced: delivery.EnhancedCode{Class: 2}, Lines: []string{"Ok: queued as 4F8A"}},
		Outcome:   delivery.OutcomeDelivered,
		Verdict:   delivery.Verdict{Class: delivery.ClassSuccess, Bounce: delivery.BounceNone, Scope: delivery.ScopeRecipient, Action: delivery.ActionNone, Confidence: 1},
		MessageID: "<1@acme.example>", TLS: "TLSv1.3 TLS_AES_128_GCM_SHA256", Size: 1000, Duration: 12 * time.Millisecond,
	}
}

func deferredAt(t time.Time) delivery.Attempt {
	a := deliveredAt(t)
	a.Stage, a.Outcome = delivery.StageRcpt, delivery.OutcomeDeferred
	a.Reply = delivery.Reply{Code: 450, Enhanced: delivery.EnhancedCode{Class: 4, Subject: 2}, Lines: []string{"Greylisted", "", "come back"}}
	a.Verdict = delivery.Verdict{Class: delivery.ClassTemporary, Reason: "greylisted", Bounce: delivery.BounceSoft, Scope: delivery.ScopeRecipient, Action: delivery.ActionRetry, Provider: "postgrey", Ref: "RFC 6647", Confidence: 0.5}
	return a
}

func bouncedAt(t time.Time) delivery.Attempt {
	a := deliveredAt(t)
	a.Stage, a.Outcome = delivery.StageRcpt, delivery.OutcomeBounced
	a.Reply = delivery.Reply{Code: 550, Enhanced: delivery.EnhancedCode{Class: 5, Subject: 1, Detail: 1}, Lines: []string{"User unknown"}}
	a.Verdict = delivery.Verdict{Class: delivery.ClassPermanent, Reason: "mailbox-unknown", Bounce: delivery.BounceHard, Scope: delivery.ScopeRecipient, Action: delivery.ActionSuppress, Confidence: 1}
	return a
}

// exported returns every recipient of a campaign.
func exported(tb testing.TB, l ledgerUnderTest, name string) []Recipient {
	tb.Helper()
	var all []Recipient
	check(tb, l.Export(tb.Context(), name, func(r Recipient) error {
		all = append(all, r)
		return nil
	}))
	return all
}

// outcomes returns every recipient's outcome in list order; "pending" when
// there is none.
func outcomes(tb testing.TB, l ledgerUnderTest, name string) []string {
	tb.Helper()
	all := []string{}
	for _, r := range exported(tb, l, name) {
		o := string(r.Outcome)
		if o == "" {
			o = "pending"
		}
		all = append(all, o)
	}
	return all
}

// background is a context that no test ends.
func background() context.Context { return context.Background() }
