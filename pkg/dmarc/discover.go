package dmarc

import (
	"context"

	"github.com/mailctl/mailctl/pkg/delivery"
)

// A Status says whether a record applies to a domain.
type Status string

// The statuses.
const (
	StatusFound    Status = "found"    // a record applies
	StatusNone     Status = "none"     // it is proven that none applies
	StatusUnusable Status = "unusable" // a record applies, but has neither valid policies nor anyone to report to (RFC 9989 §4.10.1)
	StatusUnknown  Status = "unknown"  // a look-up that decides it failed
)

// A Location is where the record was found in relation to the author domain (RFC
// 9989 §4.10.1).
type Location string

// The locations, in the order in which they are looked for.
const (
	AtAuthor         Location = "author-domain"
	AtOrganizational Location = "organizational-domain"
	AtPublicSuffix   Location = "public-suffix-domain"
)

// An Existence says whether a domain exists, which decides between sp and np: only
// NXDOMAIN means that it does not (RFC 9989 §3.2.13). The zero value means that it
// made no difference and was not asked.
type Existence string

// The existences.
const (
	Exists           Existence = "exists"
	DoesNotExist     Existence = "does-not-exist"
	ExistenceUnknown Existence = "unknown"
)

// A Discovery is the policy that applies to a domain and how it was found.
type Discovery struct {
	Domain string // the author domain: lower-case A-labels
	Walk   *Walk  // from the author domain; its organizational domain is that of the author
	Status Status

	// The record that applies, nil under StatusNone and StatusUnknown.
	Record       *Record
	RecordDomain string
	Location     Location

	// Subject and Tag say which policy of the record was taken, Published what it
	// says, and Policy what applies when test mode is counted in. They are empty
	// when no policy applies, and when it cannot be told which (Existence unknown).
	Subject   Subject
	Tag       string
	Published Policy
	Policy    Policy

	Existence       Existence
	ExistenceAnswer delivery.Answer // the look-up behind Existence; zero when there was none

	Legacy Legacy
}

// OrganizationalDomain is that of the author domain; empty when a look-up that it
// depends on failed.
func (d *Discovery) OrganizationalDomain() string { return d.Walk.OrganizationalDomain }

// TestMode reports whether the record asks for the next weaker policy (t=y).
func (d *Discovery) TestMode() bool { return d.Record != nil && d.Record.Test }

// Discover finds the policy that applies to a domain (RFC 9989 §4.10.1) in one
// wave of look-ups, or two when it matters whether the domain exists. The error
// is [delivery.ErrInvalidName]: a failed look-up is a status, not an error.
func Discover(ctx context.Context, r delivery.Resolver, domain string) (*Discovery, error) {
	domain, err := domainName(domain)
	if err != nil {
		return nil, err
	}
	return newWalker(r).discover(ctx, domain), nil
}

func (w *walker) discover(ctx context.Context, domain string) *Discovery {
	w.ask(ctx, domain)
	d := &Discovery{Domain: domain, Walk: w.walk(domain)}
	d.find()
	d.Legacy = d.legacy(w)
	switch {
	case d.Record == nil:
		return d
	case !d.Record.Usable():
		d.Status = StatusUnusable
		return d
	}
	d.Status = StatusFound
	d.Subject = w.subject(ctx, d)
	if d.Existence == ExistenceUnknown {
		return d
	}
	d.Published, d.Tag = d.Record.PolicyFor(d.Subject)
	d.Policy = d.Published
	if d.Record.Test {
		d.Policy = d.Published.lowered()
	}
	return d
}

// find sets the record, or the status when there is none.
func (d *Discovery) find() {
	own := d.Walk.Steps[0]
	org := d.Walk.OrganizationalDomain
	suffix := d.Walk.PublicSuffix
	d.Status = StatusNone
	switch {
	case own.Unknown():
		d.Status = StatusUnknown
	case own.Record() != nil:
		d.Record, d.RecordDomain, d.Location = own.Record(), d.Domain, AtAuthor
	case org == "":
		d.Status = StatusUnknown
	case d.Walk.record(org) != nil:
		d.Record, d.RecordDomain, d.Location = d.Walk.record(org), org, AtOrganizational
	case suffix != "":
		d.Record, d.RecordDomain, d.Location = d.Walk.record(suffix), suffix, AtPublicSuffix
	}
}

// subject tells whom the policy is for. It asks whether the author domain exists
// only when the record says something else about domains that do not.
func (w *walker) subject(ctx context.Context, d *Discovery) Subject {
	if d.RecordDomain == d.Domain {
		return ForDomain
	}
	existing, _ := d.Record.PolicyFor(ForSubdomain)
	missing, _ := d.Record.PolicyFor(ForNonExistent)
	if existing == missing {
		return ForSubdomain
	}
	d.Existence, d.ExistenceAnswer = w.existence(ctx, d.Walk.Steps[0])
	if d.Existence == DoesNotExist {
		return ForNonExistent
	}
	return ForSubdomain
}

// existence tells whether a domain exists. A name with something below it exists
// (RFC 8020), and so does one with any record, a CNAME that leads nowhere
// included (RFC 9989 Appendix A.4).
func (w *walker) existence(ctx context.Context, step Step) (Existence, delivery.Answer) {
	if step.Answer.Found() || step.Answer.Status == delivery.LookupNoRecord {
		return Exists, step.Answer
	}
	answer := w.resolver.Lookup(ctx, step.Domain, delivery.TypeA)
	switch {
	case len(answer.Chain) > 0, answer.Found(), answer.Status == delivery.LookupNoRecord:
		return Exists, answer
	case answer.Status == delivery.LookupNoName:
		return DoesNotExist, answer
	default:
		return ExistenceUnknown, answer
	}
}
