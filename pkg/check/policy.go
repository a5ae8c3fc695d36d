package check

import (
	"errors"
	"time"

	"github.com/mailctl/mailctl/pkg/delivery"
	"github.com/mailctl/mailctl/pkg/dmarc"
)

// ErrBadPolicy means that a policy file cannot be read.
var ErrBadPolicy = errors.New("bad policy file")

// A Policy is what must be true of some domains. [ParsePolicy] reads one, and
// [WritePolicy] writes one from what is true today.
type Policy struct {
	Domains []DomainPolicy
	Ignore  []Ignore // for all domains

	index map[string]int // of Domains, by name; nil unless the policy was read
}

// A DomainPolicy is what must be true of one domain. What was not asked for is
// the zero [Asked].
type DomainPolicy struct {
	Domain    string // lower-case A-labels
	Line      int    // where it is named, from 1
	MX        Asked[[]string]
	Selectors Asked[[]string]
	DMARC     Asked[dmarc.Policy] // at least
	Includes  Asked[[]string]     // that the SPF record may have, and no others
	Lookups   Asked[int]          // that the SPF record may need
	Ignore    []Ignore
}

// Asked is something that the file asks for, and the line where it does.
type Asked[T any] struct {
	Value T
	Line  int // from 1; zero when it was not asked for
}

// An Ignore takes findings out of account for some time.
type Ignore struct {
	ID      string
	Subject string    // only findings about this name; empty for all
	Until   time.Time // the last day, at midnight UTC
	Reason  string
	Line    int // from 1
}

// expired reports whether the last day is over.
func (i Ignore) expired(now time.Time) bool { return !now.Before(i.Until.AddDate(0, 0, 1)) }

// matches reports whether the finding is meant.
func (i Ignore) matches(f Finding) bool {
	return i.ID == f.ID && (i.Subject == "" || canonical(i.Subject) == canonical(f.Subject))
}

// For returns what is asked of a domain, or nil.
func (p *Policy) For(domain string) *DomainPolicy {
	domain = canonical(domain)
	if p.index != nil {
		if i, ok := p.index[domain]; ok {
			return &p.Domains[i]
		}
		return nil
	}
	for i := range p.Domains {
		if p.Domains[i].Domain == domain {
			return &p.Domains[i]
		}
	}
	return nil
}

// canonical returns a name as the DNS has it; what is no name stays as it is.
func canonical(name string) string {
	if ascii, err := delivery.DNSName(name); err == nil {
		return ascii
	}
	return name
}

func canonicalAll(names []string) []string {
	all := make([]string, len(names))
	for i, name := range names {
		all[i] = canonical(name)
	}
	return all
}
