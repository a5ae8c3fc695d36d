package delivery

import (
	"context"
	"net/netip"
	"slices"
	"strings"
)

// An MXKind says who takes the mail of a domain (RFC 5321 §5.1, RFC 7505).
type MXKind string

// The kinds.
const (
	MXExplicit     MXKind = "explicit"       // the hosts of its MX records
	MXImplicit     MXKind = "implicit"       // the addresses of the domain itself, for want of MX records
	MXNull         MXKind = "null"           // nobody: it takes no mail (RFC 7505)
	MXNone         MXKind = "none"           // nobody: it has neither MX records nor addresses
	MXNoSuchDomain MXKind = "no-such-domain" // nobody: it does not exist
	MXUnknown      MXKind = "unknown"        // a look-up failed
)

// maxExchangers is how many mail exchangers of one domain are looked at.
const maxExchangers = 100

// An MXSet is who takes the mail of a domain.
type MXSet struct {
	Domain string
	Kind   MXKind
	Answer Answer // the MX records
	// Null is whether the null MX is among the records: alone, unless there are
	// Hosts too, which RFC 7505 §3 forbids.
	Null bool
	// Hosts are the mail exchangers, each once, best preference first; the domain
	// itself under MXImplicit.
	Hosts []Exchanger
}

// An Exchanger is one host of an [MXSet].
type Exchanger struct {
	Name        string
	Preferences []uint16 // of all records that name it, the best first
	Problem     ExchangerProblem
	// V4 and V6 are its addresses; not asked for when there is a problem.
	V4, V6 Answer
}

// An ExchangerProblem is why a name cannot be that of a mail exchanger.
type ExchangerProblem string

// The problems.
const (
	ExchangerAddress ExchangerProblem = "address-literal" // an IP address, which an MX record cannot hold (RFC 1035 §3.3.9)
	ExchangerInvalid ExchangerProblem = "invalid-name"    // not a host name of the public DNS (RFC 5321 §2.3.5)
)

// Addrs returns the addresses of both families, IPv4 first.
func (e *Exchanger) Addrs() []netip.Addr { return slices.Concat(e.V4.Addrs(), e.V6.Addrs()) }

// Unreachable reports whether it is proven that the host has no address.
func (e *Exchanger) Unreachable() bool { return e.V4.Absent() && e.V6.Absent() }

// Unknown reports whether a look-up failed on which it depends whether the host
// can be reached.
func (e *Exchanger) Unknown() bool {
	return e.Problem == "" && (e.V4.Unknown() || e.V6.Unknown()) && !e.V4.Found() && !e.V6.Found()
}

// LookupMX finds out who takes the mail of a domain, in two waves of look-ups.
// The name may be in any script; one that the DNS cannot hold has the kind
// [MXUnknown], and Answer says why.
func LookupMX(ctx context.Context, r Resolver, domain string) *MXSet {
	set := &MXSet{Domain: domain, Answer: r.Lookup(ctx, domain, TypeMX)}
	if set.Answer.Name != "" {
		set.Domain = set.Answer.Name
	}
	switch set.Answer.Status {
	case LookupFound:
		set.collect()
		set.lookupAddrs(ctx, r)
		set.Kind = MXExplicit
		if len(set.Hosts) == 0 {
			set.Kind = MXNull
		}
	case LookupNoRecord:
		set.implicit(ctx, r)
	case LookupNoName:
		set.Kind = MXNoSuchDomain
	default:
		set.Kind = MXUnknown
	}
	return set
}

// collect makes hosts of the records.
func (s *MXSet) collect() {
	for _, mx := range s.Answer.MX() {
		i := slices.IndexFunc(s.Hosts, func(e Exchanger) bool { return e.Name == mx.Host })
		switch {
		case mx.Host == ".":
			s.Null = true
		case i >= 0:
			s.Hosts[i].Preferences = append(s.Hosts[i].Preferences, mx.Preference)
		case len(s.Hosts) < maxExchangers:
			s.Hosts = append(s.Hosts, Exchanger{Name: mx.Host, Preferences: []uint16{mx.Preference}, Problem: exchangerProblem(mx.Host)})
		}
	}
}

// exchangerProblem says why a name cannot be that of a host, or "".
func exchangerProblem(host string) ExchangerProblem {
	unbracketed := strings.TrimSuffix(strings.TrimPrefix(host, "["), "]")
	if _, err := netip.ParseAddr(unbracketed); err == nil {
		return ExchangerAddress
	}
	if !strings.Contains(host, ".") {
		return ExchangerInvalid // a single label is local to a network (RFC 5321 §2.3.5)
	}
	for label := range strings.SplitSeq(host, ".") {
		if !isHostLabel(label) {
			return ExchangerInvalid
		}
	}
	return ""
}

// isHostLabel reports whether a label is one of a host name (RFC 1123 §2.1). An
// underscore is let through: hosts with one are found and work.
func isHostLabel(label string) bool {
	if label == "" || label[0] == '-' || label[len(label)-1] == '-' {
		return false
	}
	for i := range len(label) {
		if c := label[i]; c != '-' && c != '_' && !isLetterDigit(c) {
			return false
		}
	}
	return true
}

// lookupAddrs asks for the addresses of all hosts at once.
func (s *MXSet) lookupAddrs(ctx context.Context, r Resolver) {
	var tasks []func(context.Context)
	for i := range s.Hosts {
		if host := &s.Hosts[i]; host.Problem == "" {
			tasks = append(tasks, func(ctx context.Context) { host.V4, host.V6 = LookupAddrs(ctx, r, host.Name) })
		}
	}
	Concurrently(ctx, tasks...)
}

// implicit looks for addresses of the domain itself, which count as those of an
// MX record of preference 0 (RFC 5321 §5.1).
func (s *MXSet) implicit(ctx context.Context, r Resolver) {
	host := Exchanger{Name: s.Domain, Preferences: []uint16{0}}
	host.V4, host.V6 = LookupAddrs(ctx, r, s.Domain)
	switch {
	case host.V4.Found() || host.V6.Found():
		s.Kind, s.Hosts = MXImplicit, []Exchanger{host}
	case host.Unreachable():
		s.Kind = MXNone
	default:
		s.Kind, s.Hosts = MXUnknown, []Exchanger{host}
	}
}
