// Package zonetest has a resolver for tests: a zone file in the test, with
// faults where the test wants them.
package zonetest

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"

	"github.com/mailctl/mailctl/pkg/delivery"
)

// ErrFault is behind the answers of names that were told to fail.
var ErrFault = errors.New("the test wants this look-up to fail")

// A Resolver answers from a zone file. What the file does not have does not
// exist. Methods other than Lookup must not be called while look-ups run.
type Resolver struct {
	zone     *delivery.Zone
	faults   map[string]delivery.LookupCause
	unsigned []string
	secure   bool

	mu        sync.Mutex
	questions []delivery.Question
}

// New reads a zone file whose names are absolute or relative to the root.
func New(t testing.TB, text string) *Resolver {
	t.Helper()
	const head = "$ORIGIN .\n$TTL 300\n@ SOA ns.invalid. hostmaster.invalid. 1 3600 600 86400 60\n"
	zone, err := delivery.ParseZone(strings.NewReader(head+text), "test")
	if err != nil {
		t.Fatal(err)
	}
	return &Resolver{zone: zone, faults: map[string]delivery.LookupCause{}}
}

// Fail makes look-ups of names unknown.
func (r *Resolver) Fail(cause delivery.LookupCause, names ...string) *Resolver {
	for _, name := range names {
		r.faults[name] = cause
	}
	return r
}

// Sign sets the AD bit on all answers but those that have to do with the domains
// given and what is below them.
func (r *Resolver) Sign(unsigned ...string) *Resolver {
	r.secure, r.unsigned = true, unsigned
	return r
}

// Questions returns what was asked until now and forgets it.
func (r *Resolver) Questions() []delivery.Question {
	r.mu.Lock()
	defer r.mu.Unlock()
	asked := r.questions
	r.questions = nil
	return asked
}

// Names returns the names of Questions.
func (r *Resolver) Names() []string {
	var names []string
	for _, q := range r.Questions() {
		names = append(names, q.Name)
	}
	return names
}

// Lookup implements [delivery.Resolver].
func (r *Resolver) Lookup(ctx context.Context, name string, qtype uint16) delivery.Answer {
	r.mu.Lock()
	r.questions = append(r.questions, delivery.Question{Name: name, Type: qtype})
	r.mu.Unlock()
	answer := r.zone.Lookup(ctx, name, qtype)
	for _, step := range append([]delivery.Alias{{To: answer.Name}}, answer.Chain...) {
		if cause, ok := r.faults[step.To]; ok {
			return delivery.Answer{Name: answer.Name, Type: qtype, Status: delivery.LookupUnknown, Cause: cause, Err: ErrFault}
		}
	}
	answer.Secure = r.secure && !answer.Unknown() && r.signed(answer)
	return answer
}

func (r *Resolver) signed(answer delivery.Answer) bool {
	for _, domain := range r.unsigned {
		for _, step := range append([]delivery.Alias{{To: answer.Name}}, answer.Chain...) {
			if step.To == domain || strings.HasSuffix(step.To, "."+domain) {
				return false
			}
		}
	}
	return true
}
