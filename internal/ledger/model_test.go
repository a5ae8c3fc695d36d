package ledger

import (
	"cmp"
	"flag"
	"fmt"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/mailctl/mailctl/pkg/delivery"
	"github.com/mailctl/mailctl/pkg/send"
)

// TestSQLiteModel compares the embedded store with a model in memory, over
// random sequences of operations.
func TestSQLiteModel(t *testing.T) {
	check(t, flag.Set("rapid.checks", "8"))
	check(t, flag.Set("rapid.nofailfile", "true"))
	modelTest(t, sqliteBackend{t.TempDir()})
}

func modelTest(t *testing.T, b backend) {
	n := 0
	rapid.Check(t, func(rt *rapid.T) {
		n++
		m := &machine{t: t, backend: b, clock: newClock(), name: fmt.Sprintf("campaign-%d", n), boot: "boot"}
		m.start(rt)
		defer m.ledger.die(t)
		rt.Repeat(map[string]func(*rapid.T){
			"claim":          m.claim,
			"record":         m.record,
			"release":        m.release,
			"wait":           m.wait,
			"suppress":       m.suppress,
			"crash":          m.crash,
			"power cut":      m.powerCut,
			"close":          m.reopen,
			"resend unknown": m.resendUnknown,
			"":               m.check,
		})
	})
}

// A modelRecipient is what the model knows of one.
type modelRecipient struct {
	row         int
	address     string
	destination string
	state       state
	attempts    int
	fresh       bool      // not tried since it was taken in or given back as unknown
	due         time.Time // of those who wait; zero is at once
	suppressed  bool      // on the list
	intent      bool
	untouched   bool
	recipient   send.Recipient // as it was claimed
}

// A machine is a store and its model.
type machine struct {
	t        *testing.T
	backend  backend
	clock    *clock
	name     string
	boot     string
	ledger   ledgerUnderTest
	campaign campaignUnderTest
	people   []*modelRecipient
}

func (m *machine) start(rt *rapid.T) {
	var list []string
	for i := range rapid.IntRange(1, 12).Draw(rt, "recipients") {
		q := rapid.SampledFrom([]string{"a", "b"}).Draw(rt, "destination")
		list = append(list, fmt.Sprintf("%s-%d@%s.example", m.name, i, q))
		m.people = append(m.people, &modelRecipient{
			fresh: true,
			row:   i + 1, address: list[i], destination: q, state: statePending, untouched: true,
		})
	}
	m.ledger = m.backend.open(m.t, m.clock.options(m.boot))
	m.campaign = begin(m.t, m.ledger, m.name, entries(list...))
}

func (m *machine) claim(rt *rapid.T) {
	q := rapid.SampledFrom([]string{"a", "b"}).Draw(rt, "destination")
	n := rapid.IntRange(0, 5).Draw(rt, "n")
	var want []int
	for i, p := range m.candidates(q) {
		if i == n {
			break
		}
		p.untouched = false
		if p.suppressed {
			p.state = stateSuppressed
			continue
		}
		p.state = stateClaimed
		want = append(want, p.row)
	}
	got := claimAll(m.t, m.campaign, q, n)
	if !slices.Equal(rowsOf(got), want) {
		rt.Fatalf("claimed %v, not %v", rowsOf(got), want)
	}
	for _, r := range got {
		p := m.people[r.Row-1]
		p.recipient = r
		if r.Attempts != p.attempts || r.First.IsZero() != p.fresh {
			rt.Fatalf("row %d: %d attempts since %v", r.Row, r.Attempts, r.First)
		}
	}
}

// candidates returns who may be claimed, in order.
func (m *machine) candidates(q string) []*modelRecipient {
	var due, fresh []*modelRecipient
	for _, p := range m.people {
		switch {
		case p.destination != q || p.state != statePending && p.state != stateDeferred:
		case p.untouched:
			fresh = append(fresh, p)
		case !p.due.After(m.clock.Now()):
			due = append(due, p)
		}
	}
	slices.SortStableFunc(due, func(a, b *modelRecipient) int { return cmp.Or(a.due.Compare(b.due), a.row-b.row) })
	return append(due, fresh...)
}

// claimed returns who is claimed, in a random order.
func (m *machine) claimed(rt *rapid.T) []*modelRecipient {
	var claimed []*modelRecipient
	for _, p := range m.people {
		if p.state == stateClaimed {
			claimed = append(claimed, p)
		}
	}
	if len(claimed) == 0 {
		rt.Skip("nobody is claimed")
	}
	return rapid.Permutation(claimed).Draw(rt, "claimed")
}

func (m *machine) record(rt *rapid.T) {
	claimed := m.claimed(rt)
	var changes []send.Change
	for _, p := range claimed[:rapid.IntRange(1, len(claimed)).Draw(rt, "group")] {
		for _, void := range rapid.SliceOfN(rapid.Bool(), 0, 3).Draw(rt, "void") {
			changes = append(changes, send.Change{Recipient: p.recipient.ID, Void: void})
			p.intent = !void
		}
		next := m.clock.Now().Add(time.Duration(rapid.IntRange(0, 3).Draw(rt, "wait")) * time.Minute)
		switch rapid.SampledFrom([]delivery.Outcome{"", delivery.OutcomeDelivered, delivery.OutcomeDeferred, delivery.OutcomeBounced}).Draw(rt, "outcome") {
		case delivery.OutcomeDelivered:
			changes = append(changes, ended(p.recipient, deliveredAt(m.clock.Now()), time.Time{}))
			p.state = stateDelivered
		case delivery.OutcomeBounced:
			changes = append(changes, ended(p.recipient, bouncedAt(m.clock.Now()), time.Time{}))
			p.state = stateBounced
		case delivery.OutcomeDeferred:
			changes = append(changes, ended(p.recipient, deferredAt(m.clock.Now()), next))
			p.state, p.due = stateDeferred, next
		default:
			continue
		}
		p.attempts++
		p.fresh = false
		p.intent = false
	}
	check(m.t, m.campaign.Record(m.t.Context(), changes))
}

func (m *machine) release(rt *rapid.T) {
	claimed := m.claimed(rt)
	var ids []int64
	for _, p := range claimed[:rapid.IntRange(1, len(claimed)).Draw(rt, "group")] {
		ids = append(ids, p.recipient.ID)
		p.putBack()
	}
	check(m.t, m.campaign.Release(m.t.Context(), ids))
}

func (p *modelRecipient) putBack() {
	p.state, p.intent = statePending, false
	if p.attempts > 0 {
		p.state = stateDeferred
	}
}

func (m *machine) wait(rt *rapid.T) {
	m.clock.advance(time.Duration(rapid.IntRange(1, 120).Draw(rt, "seconds")) * time.Second)
}

func (m *machine) suppress(rt *rapid.T) {
	p := rapid.SampledFrom(m.people).Draw(rt, "recipient")
	added, err := m.ledger.Suppressions().Add(m.t.Context(), Suppression{Address: p.address})
	check(m.t, err)
	if added == p.suppressed {
		rt.Fatalf("row %d: added %v", p.row, added)
	}
	p.suppressed = true
}

func (m *machine) crash(*rapid.T) {
	m.ledger.die(m.t)
	m.settle(false)
}

func (m *machine) powerCut(*rapid.T) {
	m.ledger.die(m.t)
	m.boot += "'"
	m.settle(true)
}

func (m *machine) reopen(*rapid.T) {
	check(m.t, m.campaign.Close())
	check(m.t, m.ledger.Close())
	m.settle(false)
}

// settle opens the store again, with all that implies for those who are claimed.
func (m *machine) settle(all bool) {
	for _, p := range m.people {
		switch {
		case p.state != stateClaimed:
		case p.intent || all:
			p.state, p.intent = stateUnknown, false
			p.attempts++
			p.fresh = false
		default:
			p.putBack()
		}
	}
	m.ledger = m.backend.open(m.t, m.clock.options(m.boot))
	m.campaign = begin(m.t, m.ledger, m.name, nil)
}

func (m *machine) resendUnknown(rt *rapid.T) {
	want := 0
	for _, p := range m.people {
		if p.state == stateUnknown {
			p.state, p.due, p.fresh = statePending, time.Time{}, true
			want++
		}
	}
	n, err := m.campaign.ResendUnknown(m.t.Context())
	check(m.t, err)
	if n != want {
		rt.Fatalf("%d are unknown, not %d", n, want)
	}
}

// check compares all that can be seen.
func (m *machine) check(rt *rapid.T) {
	var want Counts
	waiting := map[string]bool{}
	next := map[string]time.Time{}
	for i, r := range exported(m.t, m.ledger, m.name) {
		p := m.people[i]
		o := p.state.outcome(int64(p.attempts))
		want.add(o, 1)
		if r.Row != p.row || r.Outcome != o || r.Attempts != p.attempts || (r.Last != nil) != (p.attempts > 0) {
			rt.Fatalf("row %d is %q after %d attempts, not %q after %d", r.Row, r.Outcome, r.Attempts, o, p.attempts)
		}
		if p.state != statePending && p.state != stateDeferred {
			continue
		}
		waiting[p.destination] = true
		if due, some := next[p.destination]; !p.untouched && (!some || p.due.Before(due)) {
			next[p.destination] = p.due
		}
	}
	totals, err := m.campaign.Totals(m.t.Context())
	check(m.t, err)
	if totals.Counts != want {
		rt.Fatalf("counted %+v, not %+v", totals.Counts, want)
	}
	keys, err := m.campaign.Destinations(m.t.Context())
	check(m.t, err)
	for _, q := range []string{"a", "b"} {
		if slices.Contains(keys, q) != waiting[q] {
			rt.Fatalf("destinations %v", keys)
		}
		due, some, err := m.campaign.NextDue(m.t.Context(), q)
		check(m.t, err)
		want, wantSome := next[q]
		if some != wantSome || due.After(m.clock.Now()) != want.After(m.clock.Now()) || want.After(m.clock.Now()) && !due.Equal(want) {
			rt.Fatalf("next of %s is due %v, not %v", q, due, want)
		}
	}
}
