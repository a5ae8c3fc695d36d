package maillog

import (
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/mailctl/mailctl/pkg/delivery"
)

// maxDomains and maxDays bound what is counted apart.
const (
	maxDomains = 16384
	maxDays    = 2048
)

// Counts are recipients by their last outcome.
type Counts struct {
	Recipients int `json:"recipients"`
	Delivered  int `json:"delivered"`
	Deferred   int `json:"deferred"`
	Bounced    int `json:"bounced"`
}

// add counts n recipients.
func (c *Counts) add(o Outcome, n int) {
	c.Recipients += n
	switch o {
	case OutcomeDelivered:
		c.Delivered += n
	case OutcomeDeferred:
		c.Deferred += n
	case OutcomeBounced, OutcomeExpired:
		c.Bounced += n
	case OutcomeDeliverable, OutcomeUndeliverable:
	}
}

// A reasonCount is what a [ReasonCount] is made of.
type reasonCount struct {
	counts   Counts
	hard     int
	attempts int
	verdict  delivery.Verdict // of the first event
	example  string           // its reply
}

// A place is where a recipient is counted.
type place struct {
	reason   *reasonCount // nil for a delivery
	provider *Counts
	domain   *Counts
	day      *Counts
}

// A Tally counts recipients by their last outcome: who was deferred and then
// delivered is one recipient that was delivered. Its memory is bounded: see
// [Summary] for what that costs. It is not for concurrent use.
type Tally struct {
	total     Counts
	summary   Summary // the numbers that need no more than a counter
	deferred  *deferrals
	reasons   map[delivery.Reason]*reasonCount
	providers map[string]*Counts
	domains   map[string]*Counts
	days      map[time.Time]*Counts
	// The day of the event before, whose counts are looked up once.
	today    time.Time
	todayCnt *Counts
}

// NewTally returns a tally of nothing.
func NewTally() *Tally {
	return &Tally{
		deferred:  newDeferrals(maxDeferred),
		reasons:   map[delivery.Reason]*reasonCount{},
		providers: map[string]*Counts{},
		domains:   map[string]*Counts{},
		days:      map[time.Time]*Counts{},
	}
}

// Add counts an event with what a [Judge] says about it: its verdict and provider.
func (t *Tally) Add(e Event, v delivery.Verdict, provider string) {
	t.span(e.Time)
	switch e.Outcome {
	case OutcomeDeliverable, OutcomeUndeliverable:
		t.summary.Probes++
		return
	case OutcomeExpired:
		t.expire(e)
		return
	case OutcomeDelivered, OutcomeDeferred, OutcomeBounced:
	}
	at := t.place(e, v, provider)
	before, known := t.deferred.take(e)
	expired := e.Outcome == OutcomeBounced && v.Reason == delivery.ReasonExpired
	if known {
		t.count(before, OutcomeDeferred, -1)
	}
	switch {
	case known && e.Outcome == OutcomeDelivered:
		t.summary.Late++
	case known && expired:
		at.reason = before.reason // why it took so long
	}
	t.count(at, e.Outcome, 1)
	switch {
	case expired:
		t.summary.Expired++
	case at.reason != nil:
		at.reason.attempts++
		t.summary.Failures++
	}
	if at.reason != nil && Dead(e, v) {
		at.reason.hard++
		t.summary.Hard++
	}
	if e.Outcome == OutcomeDeferred && t.deferred.put(e, at) {
		t.summary.Forgotten++
	}
}

// expire turns the deferred recipients of a message into bounced ones, for the
// reason for which they were deferred.
func (t *Tally) expire(e Event) {
	for at, ok := t.deferred.takeQueue(e); ok; at, ok = t.deferred.takeQueue(e) {
		t.count(at, OutcomeDeferred, -1)
		t.count(at, OutcomeBounced, 1)
		t.summary.Expired++
	}
}

func (t *Tally) count(at place, o Outcome, n int) {
	t.total.add(o, n)
	at.provider.add(o, n)
	at.domain.add(o, n)
	if at.day != nil {
		at.day.add(o, n)
	}
	if at.reason != nil {
		at.reason.counts.add(o, n)
	}
}

func (t *Tally) span(at time.Time) {
	if at.IsZero() {
		return
	}
	if t.summary.From.IsZero() || at.Before(t.summary.From) {
		t.summary.From = at
	}
	if at.After(t.summary.Until) {
		t.summary.Until = at
	}
}

// place finds where an event counts.
func (t *Tally) place(e Event, v delivery.Verdict, provider string) place {
	at := place{provider: counter(t.providers, provider), domain: t.domain(domainOf(e.Recipient)), day: t.day(e.Time)}
	if e.Outcome != OutcomeDelivered {
		at.reason = t.reasons[v.Reason]
		if at.reason == nil {
			at.reason = &reasonCount{verdict: v, example: shorten(e.Reply().String())}
			t.reasons[v.Reason] = at.reason
		}
	}
	return at
}

func counter(counts map[string]*Counts, name string) *Counts {
	c := counts[name]
	if c == nil {
		c = &Counts{}
		counts[strings.Clone(name)] = c
	}
	return c
}

// domain returns the counts of a domain. When there are too many domains, the half
// with the fewest recipients goes.
func (t *Tally) domain(name string) *Counts {
	if c := t.domains[name]; c != nil {
		return c
	}
	if len(t.domains) >= maxDomains {
		t.prune()
	}
	return counter(t.domains, name)
}

// prune forgets the half of the domains that has the fewest recipients.
func (t *Tally) prune() {
	kept := map[string]*Counts{}
	for i, d := range busiest(t.domains) {
		if i < maxDomains/2 {
			kept[d.Name] = t.domains[d.Name]
		} else {
			t.summary.DomainsMissed = max(t.summary.DomainsMissed, d.Recipients)
		}
	}
	t.domains = kept
}

// day returns the counts of a day, nil for a line without a time. When there are
// too many days, the older half goes.
func (t *Tally) day(at time.Time) *Counts {
	if at.IsZero() {
		return nil
	}
	if since := at.Sub(t.today); since >= 0 && since < 23*time.Hour && at.Day() == t.today.Day() {
		return t.todayCnt
	}
	t.today = time.Date(at.Year(), at.Month(), at.Day(), 0, 0, 0, 0, at.Location())
	t.todayCnt = t.days[t.today]
	if t.todayCnt == nil {
		if len(t.days) >= maxDays {
			days := slices.SortedFunc(maps.Keys(t.days), time.Time.Compare)
			for _, old := range days[:maxDays/2] {
				delete(t.days, old)
			}
		}
		t.todayCnt = &Counts{}
		t.days[t.today] = t.todayCnt
	}
	return t.todayCnt
}

// shorten bounds a reply that is shown as an example.
func shorten(text string) string {
	const longest = 300
	if len(text) <= longest {
		return strings.Clone(text)
	}
	return strings.ToValidUTF8(text[:longest], "") + "…"
}
