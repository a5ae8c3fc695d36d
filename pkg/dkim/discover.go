package dkim

import (
	"context"
	"slices"

	"github.com/mailctl/mailctl/pkg/delivery"
)

// controlSelector is one that nobody uses. What is found there is at every
// selector.
const controlSelector = "mailctl-control-7f3a9c"

// maxSelectors is how many selectors of one domain are tried.
const maxSelectors = 100

// A Discovery is what was found at the selectors of a domain that were tried.
// Selectors cannot be listed: one that was not tried may have a key.
type Discovery struct {
	Domain string
	Keys   []SelectorKey // what is at the selectors, in the order they were tried, those with nothing left out

	// Tried are all selectors that were asked for, and Unknown those whose look-up
	// failed.
	Tried   []Candidate
	Unknown []*KeyLookup

	// Control is the look-up of a selector that nobody uses: found when there is a
	// wildcard.
	Control *KeyLookup
	// Base is the look-up of "_domainkey." and the domain itself. NXDOMAIN proves
	// that there is no selector at all (RFC 8020).
	Base delivery.Answer
}

// A SelectorKey is the key at one selector.
type SelectorKey struct {
	Candidate
	*KeyLookup
	// Wildcard is whether the same is at every selector, so that it says nothing
	// about this one.
	Wildcard bool
}

// Own returns the keys that are not a wildcard's.
func (d *Discovery) Own() []SelectorKey {
	return slices.DeleteFunc(slices.Clone(d.Keys), func(k SelectorKey) bool { return k.Wildcard })
}

// None reports whether it is proven that the domain has no keys whatever the
// selector: the name above all selectors does not exist.
func (d *Discovery) None() bool {
	return len(d.Keys) == 0 && d.Base.Status == delivery.LookupNoName && len(d.Base.Chain) == 0
}

// AllRevoked reports whether every selector is said to be without a key, as for a
// domain that sends no mail: a wildcard with an empty p.
func (d *Discovery) AllRevoked() bool { return d.Control.Status == KeyRevoked }

// WildcardName is where the wildcard stands that answers the control query: below
// "_domainkey.", or at the domain, when that name itself has the same answer.
func (d *Discovery) WildcardName() string {
	if sameTexts(d.Base.Texts(), d.Control.Answer.Texts()) {
		return "*." + d.Domain
	}
	return "*._domainkey." + d.Domain
}

// Discover tries selectors of a domain, a hundred at most, all in one wave of
// look-ups, together with a control query so that a wildcard is not taken for a
// key.
func Discover(ctx context.Context, r delivery.Resolver, domain string, candidates []Candidate) *Discovery {
	candidates = candidates[:min(len(candidates), maxSelectors)]
	d := &Discovery{Domain: domain, Tried: candidates}
	questions := []delivery.Question{
		{Name: "_domainkey." + domain, Type: delivery.TypeTXT},
		{Name: KeyName(domain, controlSelector), Type: delivery.TypeTXT},
	}
	for _, c := range candidates {
		questions = append(questions, delivery.Question{Name: KeyName(domain, c.Selector), Type: delivery.TypeTXT})
	}
	answers := delivery.LookupAll(ctx, r, questions...)
	d.Base = answers[0]
	d.Control = newKeyLookup(domain, controlSelector, answers[1])
	wildcard := answers[1].Texts()
	for i, c := range candidates {
		l := newKeyLookup(domain, c.Selector, answers[2+i])
		switch {
		case l.Status == KeyUnknown:
			d.Unknown = append(d.Unknown, l)
		case l.Status != KeyAbsent:
			d.Keys = append(d.Keys, SelectorKey{c, l, sameTexts(l.Answer.Texts(), wildcard)})
		}
	}
	return d
}

// sameTexts reports whether two answers hold the same texts in any order.
func sameTexts(a, b []string) bool {
	slices.Sort(a)
	slices.Sort(b)
	return slices.Equal(a, b)
}
