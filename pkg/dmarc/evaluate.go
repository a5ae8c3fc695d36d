package dmarc

import (
	"context"
	"slices"

	"github.com/mailctl/mailctl/pkg/delivery"
)

// A Result is what DMARC says about a message (RFC 9989 §9.2, RFC 8601 §2.7).
type Result string

// The results.
const (
	ResultPass      Result = "pass"      // an authenticated identifier is aligned with the author domain
	ResultFail      Result = "fail"      // a record applies, and none is
	ResultNone      Result = "none"      // no record applies
	ResultTempError Result = "temperror" // a look-up that decides it failed; worth trying again
	ResultPermError Result = "permerror" // the record that applies cannot be used
)

// The results of SPF (RFC 7208 §2.6) and DKIM (RFC 8601 §2.7.1) that DMARC tells
// apart. All others authenticate nothing.
const (
	AuthPass      = "pass"
	AuthTempError = "temperror"
)

// An Identifier is a domain that SPF or DKIM spoke about, and the word they said:
// the domain of MAIL FROM (not that of HELO alone, RFC 9989 §4.4.2), or d= of a
// signature. The zero value is none.
type Identifier struct {
	Domain string
	Result string // lower-case, such as "pass" or "softfail"
}

// Input is what is known about a message.
type Input struct {
	Author string // the domain of the From header field
	SPF    Identifier
	DKIM   []Identifier // one a signature
}

// An Alignment is how an identifier relates to the author domain.
type Alignment string

// The alignments.
const (
	AlignedStrict    Alignment = "strict"  // the same domain
	AlignedRelaxed   Alignment = "relaxed" // the same organizational domain, and the record does not ask for more
	NotAligned       Alignment = "none"    // neither, or not enough for the record
	AlignmentUnknown Alignment = "unknown" // a look-up that decides it failed
)

// Aligned reports whether it is enough for DMARC.
func (a Alignment) Aligned() bool { return a == AlignedStrict || a == AlignedRelaxed }

// A Check is one identifier and whether it is aligned with the author domain,
// regardless of whether it is authenticated.
type Check struct {
	Identifier
	Alignment Alignment // empty when no usable record applies
	// OrganizationalDomain is that of the identifier, when a walk was needed to
	// find it; Walk is that walk, or nil.
	OrganizationalDomain string
	Walk                 *Walk
}

// passes reports whether the check is enough for the result pass.
func (c Check) passes() bool { return c.Result == AuthPass && c.Alignment.Aligned() }

// undecided reports whether the check could still have been enough, had a look-up
// not failed.
func (c Check) undecided() bool {
	switch c.Result {
	case AuthPass:
		return c.Alignment == AlignmentUnknown
	case AuthTempError:
		return c.Alignment.Aligned() || c.Alignment == AlignmentUnknown
	default:
		return false
	}
}

// An Evaluation is what a receiver decides.
type Evaluation struct {
	Discovery *Discovery
	Result    Result
	SPF       Check // zero when the input has none
	DKIM      []Check

	// SPFAligned and DKIMAligned report whether there is an authenticated and
	// aligned identifier of that kind (RFC 9989 §5.3.4).
	SPFAligned, DKIMAligned bool
}

// Evaluate decides like a receiver (RFC 9989 §5.3) in one wave of look-ups for
// the author domain and one for the identifiers that need a tree walk of their
// own. The error is [delivery.ErrInvalidName], about the author domain only: an
// identifier that is no domain is aligned with nothing.
func Evaluate(ctx context.Context, r delivery.Resolver, in Input) (*Evaluation, error) {
	author, err := domainName(in.Author)
	if err != nil {
		return nil, err
	}
	w := newWalker(r)
	e := &Evaluation{Discovery: w.discover(ctx, author), SPF: Check{Identifier: in.SPF}}
	for _, id := range in.DKIM {
		e.DKIM = append(e.DKIM, Check{Identifier: id})
	}
	if record := e.Discovery.Record; e.Discovery.Status == StatusFound {
		w.ask(ctx, e.walksNeeded(record)...)
		if in.SPF.Domain != "" {
			w.align(e.Discovery, &e.SPF, record.SPFMode)
		}
		for i := range e.DKIM {
			w.align(e.Discovery, &e.DKIM[i], record.DKIMMode)
		}
	}
	e.SPFAligned = e.SPF.passes()
	e.DKIMAligned = slices.ContainsFunc(e.DKIM, Check.passes)
	e.Result = e.result()
	return e, nil
}

// walksNeeded returns the domains whose organizational domain has to be found
// (RFC 9989 §4.10.2).
func (e *Evaluation) walksNeeded(record *Record) []string {
	var domains []string
	need := func(id Identifier, mode Mode) {
		domain, err := domainName(id.Domain)
		if err == nil && mode == Relaxed && needsWalk(e.Discovery, domain) {
			domains = append(domains, domain)
		}
	}
	need(e.SPF.Identifier, record.SPFMode)
	for _, c := range e.DKIM {
		need(c.Identifier, record.DKIMMode)
	}
	return domains
}

// needsWalk reports whether only a walk can tell whether a domain has the
// author's organizational domain: an organizational domain is the domain itself
// or above it, so one outside cannot share it.
func needsWalk(d *Discovery, domain string) bool {
	org := d.OrganizationalDomain()
	return domain != d.Domain && org != "" && within(domain, org)
}

// align judges one identifier; the walks it needs have been asked for.
func (w *walker) align(d *Discovery, c *Check, mode Mode) {
	domain, err := domainName(c.Domain)
	switch {
	case err != nil:
		c.Alignment = NotAligned
	case domain == d.Domain:
		c.Alignment = AlignedStrict
	case mode == Strict:
		c.Alignment = NotAligned
	case d.OrganizationalDomain() == "":
		c.Alignment = AlignmentUnknown
	case !needsWalk(d, domain):
		c.Alignment = NotAligned
	default:
		c.Walk = w.walk(domain)
		c.OrganizationalDomain = c.Walk.OrganizationalDomain
		switch c.OrganizationalDomain {
		case "":
			c.Alignment = AlignmentUnknown
		case d.OrganizationalDomain():
			c.Alignment = AlignedRelaxed
		default:
			c.Alignment = NotAligned
		}
	}
}

// result puts the checks together (RFC 9989 §5.3.5 and §5.3.6).
func (e *Evaluation) result() Result {
	switch e.Discovery.Status {
	case StatusUnknown:
		return ResultTempError
	case StatusNone:
		return ResultNone
	case StatusUnusable:
		return ResultPermError
	case StatusFound:
	}
	switch {
	case e.SPFAligned || e.DKIMAligned:
		return ResultPass
	case e.SPF.undecided() || slices.ContainsFunc(e.DKIM, Check.undecided):
		return ResultTempError
	case e.Discovery.Existence == ExistenceUnknown:
		return ResultTempError // it fails, but under which policy is not known
	default:
		return ResultFail
	}
}
