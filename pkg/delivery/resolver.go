package delivery

import (
	"context"
	"errors"
	"time"

	"github.com/miekg/dns"
)

// A Resolver asks the DNS. [NewClient] makes one that asks name servers,
// [ParseZone] one that answers from a zone file, [Overlay] puts one in front of
// another, and [RecordTo] and [Replay] keep answers and give them again.
//
// It may be used by several goroutines at once.
type Resolver interface {
	// Lookup asks for the records of one type at one name. The name is absolute,
	// with or without a dot at its end, in any script; its octets stand for
	// themselves (no master-file escapes). Aliases are followed, except when
	// qtype is [TypeCNAME].
	//
	// Lookup always answers. What it could not find out has the status
	// [LookupUnknown], also when ctx ended first.
	Lookup(ctx context.Context, name string, qtype uint16) Answer
}

// The record types that mail uses, as [Resolver.Lookup] takes them.
const (
	TypeA      = dns.TypeA
	TypeCNAME  = dns.TypeCNAME
	TypeSOA    = dns.TypeSOA
	TypePTR    = dns.TypePTR
	TypeMX     = dns.TypeMX
	TypeTXT    = dns.TypeTXT
	TypeAAAA   = dns.TypeAAAA
	TypeDS     = dns.TypeDS
	TypeDNSKEY = dns.TypeDNSKEY
	TypeTLSA   = dns.TypeTLSA
	TypeSPF    = dns.TypeSPF // 99, retired by RFC 7208 §3.1
)

// TypeName returns the name of a record type, such as "MX"; "TYPE65280" for those
// without one (RFC 3597 §5).
func TypeName(qtype uint16) string { return dns.Type(qtype).String() }

// A LookupStatus is what a look-up found out. Only the middle two are proof that
// something is absent.
type LookupStatus string

// The four outcomes of a look-up.
const (
	LookupFound    LookupStatus = "found"          // records of the type exist
	LookupNoName   LookupStatus = "no-such-name"   // NXDOMAIN: nothing exists at the name or below it (RFC 8020)
	LookupNoRecord LookupStatus = "no-such-record" // NODATA: the name exists, records of the type do not (RFC 2308 §2.2)
	LookupUnknown  LookupStatus = "unknown"        // could not tell; Answer.Cause says why
)

// A LookupCause is why a look-up has the status [LookupUnknown].
type LookupCause string

// The causes.
const (
	CauseTimeout     LookupCause = "timeout"      // no server answered in time
	CauseServFail    LookupCause = "servfail"     // SERVFAIL: the server could not find out
	CauseRefused     LookupCause = "refused"      // REFUSED: the server does not want to tell
	CauseBogus       LookupCause = "bogus"        // SERVFAIL because DNSSEC validation failed (RFC 4035 §5.5)
	CauseLame        LookupCause = "lame"         // a referral, or an answer that belongs to no zone of the server
	CauseMalformed   LookupCause = "malformed"    // the answer breaks the format or does not fit the question
	CauseRcode       LookupCause = "rcode"        // any other error code
	CauseAliasLoop   LookupCause = "alias-loop"   // CNAMEs that lead back to themselves, or too many of them
	CauseNetwork     LookupCause = "network"      // no server could be reached
	CauseInvalidName LookupCause = "invalid-name" // not a name that the DNS can hold; nobody was asked
	CauseCanceled    LookupCause = "canceled"     // the context ended first
	CauseNotRecorded LookupCause = "not-recorded" // a replay does not hold the question
)

// Causes of Answer.Err that a caller may want to tell apart.
var (
	// ErrInvalidName means that a name cannot be asked for: it is empty, or a label
	// is empty or over 63 octets, or the whole is over 253 (RFC 1035 §2.3.4).
	ErrInvalidName = errors.New("not a name that the DNS can hold")
	// ErrNotRecorded means that a replay does not hold a question.
	ErrNotRecorded = errors.New("the recording does not hold this question")
)

// An Answer is what a look-up found out, with what is needed to judge it. The
// zero Answer is no answer.
type Answer struct {
	Name   string // what was asked: lower-case A-labels without a dot at the end
	Type   uint16
	Status LookupStatus

	// Records are those of the type, at the end of the chain, in the order they
	// came; nil unless the status is LookupFound. They are shared: do not change
	// them. The methods of Answer give their contents.
	Records []dns.RR
	// Chain are the aliases (CNAME) that led from Name to the records, or to where
	// there are none; nil when there were none. A DNAME counts as the CNAME that
	// is made from it (RFC 6672 §3.1).
	Chain []Alias
	// TTL is how long the answer may be kept: the least of all its records, or for
	// an absence that of RFC 2308 §5. Zero when unknown.
	TTL time.Duration
	// Zone is the name of the zone that an absence was told for (the owner of its
	// SOA record); empty when it was not told.
	Zone string
	// Secure is the AD bit (RFC 4035 §3.2.3): the server says that it validated the
	// whole answer. It is worth what the server and the way to it are worth.
	Secure bool
	// Server is who answered, such as "192.0.2.53:53", "https://dns.example/dns-query"
	// or "zone example.zone"; empty when nobody did.
	Server string

	// Cause and Err say why the status is LookupUnknown; empty and nil otherwise.
	Cause LookupCause
	Err   error
}

// An Alias is one step of a chain: From is an alias for To. Both are lower-case
// and without a dot at the end.
type Alias struct {
	From, To string
	TTL      time.Duration
}

// Found reports whether there are records.
func (a Answer) Found() bool { return a.Status == LookupFound }

// Absent reports whether it is proven that there are no such records. It is
// false for an unknown answer.
func (a Answer) Absent() bool { return a.Status == LookupNoName || a.Status == LookupNoRecord }

// Unknown reports whether the look-up could not tell.
func (a Answer) Unknown() bool { return a.Status == LookupUnknown }

// Target is the name at the end of the chain, where the records are: Name itself
// when it is not an alias.
func (a Answer) Target() string {
	if n := len(a.Chain); n > 0 {
		return a.Chain[n-1].To
	}
	return a.Name
}
