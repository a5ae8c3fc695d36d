package dmarc

import (
	"errors"

	"github.com/mailctl/mailctl/pkg/delivery"
	"github.com/mailctl/mailctl/pkg/delivery/taglist"
)

// ErrNotDMARC means that a text is not a DMARC record: it does not begin with
// "v=DMARC1" (RFC 9989 §4.7). Receivers ignore such a text altogether.
var ErrNotDMARC = errors.New("not a DMARC record")

// A Policy is a Domain Owner Assessment Policy (RFC 9989 §4.7, tag p). The zero
// value means that there is none.
type Policy string

// The policies.
const (
	PolicyNone       Policy = "none"       // no preference
	PolicyQuarantine Policy = "quarantine" // mail that fails is suspicious
	PolicyReject     Policy = "reject"     // mail that fails is not valid
)

// lowered is the policy one level below, which test mode applies (RFC 9989 §4.7,
// tag t).
func (p Policy) lowered() Policy {
	switch p {
	case PolicyReject:
		return PolicyQuarantine
	case PolicyQuarantine:
		return PolicyNone
	default:
		return p
	}
}

// A Mode is how near an identifier must be to the author domain.
type Mode string

// The alignment modes (RFC 9989 §4.7, tags adkim and aspf).
const (
	Relaxed Mode = "r" // the same organizational domain
	Strict  Mode = "s" // the same domain
)

// A PSD says whether a domain is a public suffix (RFC 9989 §4.7, tag psd).
type PSD string

// The values of the psd tag.
const (
	PSDYes     PSD = "y" // a public suffix: the organizational domain is one label below
	PSDNo      PSD = "n" // this is the organizational domain
	PSDUnknown PSD = "u" // the default: the tree walk decides
)

// A FailureOption says for which failures reports are wanted (RFC 9989 §4.7, tag
// fo).
type FailureOption string

// The values of the fo tag.
const (
	FailureAll  FailureOption = "0" // when nothing gave an aligned pass; the default
	FailureAny  FailureOption = "1" // when anything did not give an aligned pass
	FailureDKIM FailureOption = "d" // when a DKIM signature failed
	FailureSPF  FailureOption = "s" // when SPF failed
)

// A Record is a DMARC policy record as it was published. What is missing or not
// valid has its default, and a Problem says so.
type Record struct {
	Raw  string       // the record as it was published
	Tags taglist.List // all tags, unknown ones too

	// The policies as published; empty when the tag is missing or its value is not
	// one. [Record.PolicyFor] says which one applies.
	Policy      Policy // p
	Subdomain   Policy // sp
	NonExistent Policy // np

	DKIMMode Mode // adkim
	SPFMode  Mode // aspf
	Test     bool // t=y: receivers apply the next weaker policy
	PSD      PSD  // psd

	Aggregate      []URI           // rua, in order, unusable ones too
	Failure        []URI           // ruf, in order, unusable ones too
	FailureOptions []FailureOption // fo; [FailureAll] when missing

	Problems []Problem // in the order of the text
}

// A URI is one report destination of a rua or ruf tag.
type URI struct {
	Raw     string           // as published
	Pos     int              // where it begins in the record, in octets
	Valid   bool             // follows the syntax of RFC 3986
	Scheme  string           // lower-case; empty when there is none
	Address delivery.Address // of a mailto URI; zero when it has no valid address
	Host    string           // whom the report goes to: lower-case A-labels; empty when there is none
	Size    string           // the obsolete size limit behind "!", such as "10m"
}

// Usable reports whether a report can be sent there by mail, which is the only
// way all receivers have (RFC 9989 §4.7, tag rua).
func (u URI) Usable() bool { return u.Valid && !u.Address.IsZero() }

// Usable reports whether receivers apply the record: its policies are all valid,
// or at least somebody is to get reports, in which case it counts as p=none (RFC
// 9989 §4.10.1). Receivers do nothing about DMARC under a record that is not
// usable.
func (r *Record) Usable() bool { return r.policiesValid() || r.reportable() }

// Fallback reports whether the record counts as p=none because of a missing or
// invalid policy (RFC 9989 §4.10.1).
func (r *Record) Fallback() bool { return !r.policiesValid() && r.reportable() }

// policiesValid reports whether p is valid, and sp and np where they are present.
func (r *Record) policiesValid() bool {
	if r.Policy == "" {
		return false
	}
	_, sp := r.Tags.Get("sp")
	_, np := r.Tags.Get("np")
	return (!sp || r.Subdomain != "") && (!np || r.NonExistent != "")
}

// reportable reports whether rua has a URI that is syntactically valid.
func (r *Record) reportable() bool {
	for _, u := range r.Aggregate {
		if u.Valid {
			return true
		}
	}
	return false
}

// A Subject is whom a policy is for.
type Subject string

// The subjects of a policy.
const (
	ForDomain      Subject = "domain"       // the domain of the record itself
	ForSubdomain   Subject = "subdomain"    // a domain below it that exists
	ForNonExistent Subject = "non-existent" // a domain below it that does not exist
)

// PolicyFor returns the policy that the record has for a subject, and the tag it
// comes from: "p", "sp" or "np" (RFC 9989 §4.7 and §4.10.1). Test mode is not
// applied. The policy of a record that is not usable is empty.
func (r *Record) PolicyFor(s Subject) (policy Policy, tag string) {
	switch {
	case r.Fallback():
		return PolicyNone, "p"
	case !r.Usable():
		return "", "p"
	case s == ForNonExistent && r.NonExistent != "":
		return r.NonExistent, "np"
	case s != ForDomain && r.Subdomain != "":
		return r.Subdomain, "sp"
	default:
		return r.Policy, "p"
	}
}

// String prints the record with one space behind each semicolon.
func (r *Record) String() string { return r.Tags.String() }
