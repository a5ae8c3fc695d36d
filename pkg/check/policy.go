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
	if i.ID != f.ID {
		return false
	}
	return i.Subject == "" || sameName(i.Subject, f.Subject)
}

// For returns what is asked of a domain, or nil.
func (p *Policy) For(domain string) *DomainPolicy {
	for i := range p.Domains {
		if sameName(p.Domains[i].Domain, domain) {
			return &p.Domains[i]
		}
	}
	return nil
}

// sameName reports whether two texts name the same domain.
func sameName(a, b string) bool { return canonical(a) == canonical(b) }

// canonical returns a name as the DNS has it; what is no name stays as it is.
func canonical(name string) string {
	if ascii, err := delivery.DNSName(name); err == nil {
		return ascii
	}
	return name
}
