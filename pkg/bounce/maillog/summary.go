package maillog

import (
	"cmp"
	"maps"
	"slices"
	"time"

	"github.com/mailctl/mailctl/pkg/delivery"
)

// A Summary is what a log comes to. A recipient is one address of one message, and
// counts once, with its last outcome.
type Summary struct {
	From  time.Time `json:"from,omitzero"`  // the earliest event
	Until time.Time `json:"until,omitzero"` // the last one
	Counts
	// Hard is how many of the bounced are never to be written to again.
	Hard int `json:"hard"`
	// Late is how many of the delivered were deferred before.
	Late int `json:"late"`
	// Expired is how many of the bounced were given up because the queue held them
	// for too long, where the log says so apart from the refusals.
	Expired int `json:"expired"`
	// Failures are the attempts that failed, repeated ones too.
	Failures int `json:"failures"`
	// Probes are questions whether an address could be written to.
	Probes int `json:"probes"`
	// Forgotten is how many deferred recipients were lost sight of, because more
	// were deferred at a time than are remembered: they stay deferred, and an end
	// that came later counts as another recipient.
	Forgotten int `json:"forgotten"`

	Reasons   []ReasonCount `json:"reasons"`   // of bounces and deferrals, most recipients first
	Providers []NameCount   `json:"providers"` // "" are the others; most recipients first
	Domains   []NameCount   `json:"domains"`   // "" are local users; most recipients first
	Days      []NameCount   `json:"days"`      // "2026-11-22", in order

	// DomainsMissed is 0 when every domain was counted in full. Else there were too
	// many: a domain may lack as many recipients as this for each time it was
	// pushed out by busier ones.
	DomainsMissed int `json:"domains_missed"`
}

// A ReasonCount is why recipients were not delivered to.
type ReasonCount struct {
	Reason   delivery.Reason `json:"reason"`
	Deferred int             `json:"deferred"`
	Bounced  int             `json:"bounced"`
	Hard     int             `json:"hard"`
	Attempts int             `json:"attempts"` // that failed for it, also those made good later
	Action   delivery.Action `json:"action"`
	Meaning  string          `json:"meaning"`
	Advice   string          `json:"advice"`
	Example  string          `json:"example"` // the first reply
}

// A NameCount is the recipients of a provider, a domain or a day.
type NameCount struct {
	Name string `json:"name"`
	Counts
}

// Summary returns what was counted so far.
func (t *Tally) Summary() Summary {
	s := t.summary
	s.Counts = t.total
	s.Reasons = make([]ReasonCount, 0, len(t.reasons))
	for reason, r := range t.reasons {
		s.Reasons = append(s.Reasons, ReasonCount{
			Reason: reason, Deferred: r.counts.Deferred, Bounced: r.counts.Bounced, Hard: r.hard, Attempts: r.attempts,
			Action: r.verdict.Action, Meaning: r.verdict.Meaning, Advice: r.verdict.Advice, Example: r.example,
		})
	}
	slices.SortFunc(s.Reasons, func(a, b ReasonCount) int {
		return cmp.Or(
			cmp.Compare(b.Bounced+b.Deferred, a.Bounced+a.Deferred),
			cmp.Compare(b.Attempts, a.Attempts),
			cmp.Compare(a.Reason, b.Reason))
	})
	s.Providers, s.Domains = busiest(t.providers), busiest(t.domains)
	s.Days = make([]NameCount, 0, len(t.days))
	for _, day := range slices.SortedFunc(maps.Keys(t.days), time.Time.Compare) {
		if c := t.days[day]; c.Recipients > 0 {
			s.Days = append(s.Days, NameCount{Name: day.Format(time.DateOnly), Counts: *c})
		}
	}
	return s
}

// busiest returns counts with the most recipients first.
func busiest(counts map[string]*Counts) []NameCount {
	list := make([]NameCount, 0, len(counts))
	for name, c := range counts {
		if c.Recipients > 0 {
			list = append(list, NameCount{Name: name, Counts: *c})
		}
	}
	slices.SortFunc(list, func(a, b NameCount) int {
		if a.Recipients != b.Recipients {
			return cmp.Compare(b.Recipients, a.Recipients)
		}
		return cmp.Compare(a.Name, b.Name)
	})
	return list
}

// Counts returns the recipients counted so far.
func (t *Tally) Counts() Counts { return t.total }
