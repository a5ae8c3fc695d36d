package dkim

import (
	"context"

	"github.com/mailctl/mailctl/pkg/delivery"
	"github.com/mailctl/mailctl/pkg/delivery/taglist"
)

// A KeyStatus says what is at a selector.
type KeyStatus string

// The statuses.
const (
	KeyFound    KeyStatus = "found"    // one key that verifiers can use
	KeyRevoked  KeyStatus = "revoked"  // one key record with an empty p
	KeyUnusable KeyStatus = "unusable" // one key record that verifiers cannot use
	KeySeveral  KeyStatus = "several"  // more than one key record: what verifiers do is undefined (RFC 6376 §3.6.2.2)
	KeyAbsent   KeyStatus = "none"     // it is proven that there is no key record
	KeyUnknown  KeyStatus = "unknown"  // the look-up failed
)

// A KeyLookup is what the DNS says about a selector.
type KeyLookup struct {
	Domain   string
	Selector string
	Name     string // the selector, "._domainkey." and the domain
	Status   KeyStatus
	Answer   delivery.Answer // the TXT records, and the aliases that led to them
	Record   *KeyRecord      // the one key record; nil when there is none or more than one
	Records  []*KeyRecord    // all key records
	Other    []*KeyRecord    // other texts at the name
}

// LookupKey asks for the key at a selector of a domain.
func LookupKey(ctx context.Context, r delivery.Resolver, domain, selector string) *KeyLookup {
	name := KeyName(domain, selector)
	return newKeyLookup(domain, selector, r.Lookup(ctx, name, delivery.TypeTXT))
}

// KeyName is where the key of a selector is.
func KeyName(domain, selector string) string { return selector + "._domainkey." + domain }

func newKeyLookup(domain, selector string, answer delivery.Answer) *KeyLookup {
	l := &KeyLookup{Domain: domain, Selector: selector, Name: KeyName(domain, selector), Answer: answer}
	l.Records, l.Other = taglist.Sift(answer.Texts(), ParseKeyRecord)
	switch {
	case answer.Unknown():
		l.Status = KeyUnknown
		return l
	case len(l.Records) == 0:
		l.Status = KeyAbsent
		return l
	case len(l.Records) > 1:
		l.Status = KeySeveral
		return l
	}
	l.Record = l.Records[0]
	switch {
	case l.Record.Usable():
		l.Status = KeyFound
	case l.Record.Revoked:
		l.Status = KeyRevoked
	default:
		l.Status = KeyUnusable
	}
	return l
}
