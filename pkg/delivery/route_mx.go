package delivery

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strings"
)

// Errors of [RouteMX]; they come in a [*RouteError].
var (
	// ErrNullMX means that the domain says that it takes no mail (RFC 7505).
	ErrNullMX = errors.New("the domain takes no mail (null MX)")
	// ErrNoSuchDomain means that the domain does not exist.
	ErrNoSuchDomain = errors.New("the domain does not exist")
	// ErrNoMailServer means that the domain has neither MX records nor addresses.
	ErrNoMailServer = errors.New("the domain has neither MX records nor addresses")
	// ErrNoExchanger means that none of the domain's mail exchangers has an address.
	ErrNoExchanger = errors.New("no mail exchanger of the domain has an address")
	// ErrRouteUnknown means that a look-up failed on which the route depends.
	ErrRouteUnknown = errors.New("the domain's mail exchangers could not be looked up")
)

// A RouteError is why there is no way to a domain.
type RouteError struct {
	Domain string
	Err    error // wraps one of those above
}

// Error returns, for example, "x.example: the domain does not exist".
func (e *RouteError) Error() string { return e.Domain + ": " + e.Err.Error() }

// Unwrap returns the cause.
func (e *RouteError) Unwrap() error { return e.Err }

// routeCauses are what the causes of a [RouteError] mean. Only what the DNS
// proves is permanent.
var routeCauses = []struct {
	err    error
	status EnhancedCode
	reason Reason
	ref    string
}{
	{ErrNullMX, EnhancedCode{5, 1, 10}, ReasonDomainNoMail, "RFC 7505 §4.1"},
	{ErrNoSuchDomain, EnhancedCode{5, 1, 2}, ReasonDomainUnknown, "RFC 5321 §5.1"},
	{ErrNoMailServer, EnhancedCode{5, 1, 2}, ReasonDomainUnknown, "RFC 5321 §5.1"},
	{ErrNoExchanger, EnhancedCode{4, 4, 4}, ReasonRouting, "RFC 5321 §5.1"},
	{ErrRouteUnknown, EnhancedCode{4, 4, 3}, ReasonRouting, "RFC 5321 §5.1"},
}

// Status returns the enhanced status code that a server would answer with.
func (e *RouteError) Status() EnhancedCode {
	for _, cause := range routeCauses {
		if errors.Is(e.Err, cause.err) {
			return cause.status
		}
	}
	return EnhancedCode{}
}

// Verdict returns what the error means for mail to the domain.
func (e *RouteError) Verdict() Verdict {
	for _, cause := range routeCauses {
		if !errors.Is(e.Err, cause.err) {
			continue
		}
		v := errorVerdict(ClassPermanent, cause.reason)
		if cause.status.Class == 4 {
			v.Class, v.Bounce, v.Action = ClassTemporary, BounceSoft, ActionRetryLater
		}
		v.Ref = cause.ref
		return v
	}
	return Classify(Reply{}, StageDNS)
}

// portSMTP is where mail exchangers listen (RFC 5321 §4.5.4.2).
const portSMTP = 25

// MXOptions say how [RouteMX] makes a route. The zero value will do.
type MXOptions struct {
	// Port is where mail exchangers listen; 0 means 25.
	Port int
	// Shuffle brings hosts of equal preference into random order, as rand.Shuffle
	// does (RFC 5321 §5.1). Nil keeps the order of the answer.
	Shuffle func(n int, swap func(i, j int))
}

// maxTargets bounds the addresses of one route, so that a domain with hundreds
// of dead ones cannot hold a sender up.
const maxTargets = 10

// RouteMX finds the way to a domain: its mail exchangers by preference, each
// with all its addresses, families taking turns (RFC 5321 §5.1). A domain that
// is an address literal leads to that address. Security is
// [SecurityOpportunistic] until somebody asks for more, see [OpenRoute].
//
// The error is a [*RouteError].
func RouteMX(ctx context.Context, r Resolver, domain string, opt MXOptions) (Route, error) {
	if opt.Port == 0 {
		opt.Port = portSMTP
	}
	if addr, ok := literalAddr(domain); ok {
		target := Target{Host: domain, Addr: addr, Port: opt.Port, Security: SecurityOpportunistic}
		return Route{Domain: domain, Servers: domain, Destination: domain, Targets: []Target{target}}, nil
	}
	set := LookupMX(ctx, r, domain)
	if err := set.err(); err != nil {
		return Route{}, &RouteError{Domain: domain, Err: err}
	}
	hosts := slices.DeleteFunc(slices.Clone(set.Hosts), func(e Exchanger) bool { return e.Problem != "" })
	route := Route{Domain: domain, Targets: targets(hosts, opt)}
	if len(route.Targets) == 0 {
		cause := ErrNoExchanger
		if slices.ContainsFunc(hosts, func(e Exchanger) bool { return e.Unknown() }) {
			cause = ErrRouteUnknown
		}
		return Route{}, &RouteError{Domain: domain, Err: cause}
	}
	names := make([]string, len(hosts))
	for i, host := range hosts {
		names[i] = host.Name
	}
	route.Servers = serversKey(names)
	route.Destination = route.Servers
	if provider := ProviderOf(names); provider != "" {
		route.Destination = provider
	}
	return route, nil
}

// literalAddr returns the address of a domain such as "[192.0.2.1]" (RFC 5321
// §4.1.3).
func literalAddr(domain string) (netip.Addr, bool) {
	inner, ok := strings.CutPrefix(domain, "[")
	inner, closed := strings.CutSuffix(inner, "]")
	if !ok || !closed {
		return netip.Addr{}, false
	}
	addr, err := netip.ParseAddr(strings.TrimPrefix(inner, "IPv6:"))
	return addr, err == nil
}

// err returns why the set leads nowhere; nil when it has hosts.
func (s *MXSet) err() error {
	switch s.Kind {
	case MXNull:
		return ErrNullMX
	case MXNoSuchDomain:
		return ErrNoSuchDomain
	case MXNone:
		return ErrNoMailServer
	case MXUnknown:
		cause := s.Answer.Err
		for i := range s.Hosts {
			cause = errors.Join(cause, s.Hosts[i].V4.Err, s.Hosts[i].V6.Err)
		}
		if cause == nil {
			return ErrRouteUnknown
		}
		return fmt.Errorf("%w: %s", ErrRouteUnknown, strings.ReplaceAll(cause.Error(), "\n", "; "))
	case MXExplicit, MXImplicit:
	}
	return nil
}

// targets lists the addresses of hosts in the order in which they are tried.
func targets(hosts []Exchanger, opt MXOptions) []Target {
	hosts = slices.Clone(hosts)
	if opt.Shuffle != nil {
		opt.Shuffle(len(hosts), func(i, j int) { hosts[i], hosts[j] = hosts[j], hosts[i] })
	}
	slices.SortStableFunc(hosts, func(a, b Exchanger) int { return cmp.Compare(a.Preferences[0], b.Preferences[0]) })
	var all []Target
	for i := range hosts {
		for _, addr := range takeTurns(hosts[i].V4.Addrs(), hosts[i].V6.Addrs()) {
			if len(all) == maxTargets {
				return all
			}
			all = append(all, Target{Host: hosts[i].Name, Addr: addr, Port: opt.Port, Security: SecurityOpportunistic})
		}
	}
	return all
}

// takeTurns merges the addresses of both families.
func takeTurns(v4, v6 []netip.Addr) []netip.Addr {
	merged := make([]netip.Addr, 0, len(v4)+len(v6))
	for len(v4) > 0 || len(v6) > 0 {
		if len(v4) > 0 {
			merged, v4 = append(merged, v4[0]), v4[1:]
		}
		if len(v6) > 0 {
			merged, v6 = append(merged, v6[0]), v6[1:]
		}
	}
	return merged
}
