package delivery

import (
	"context"
	"net/netip"
	"slices"
	"strings"

	"github.com/miekg/dns"
)

// An MX is one mail exchanger of a domain (RFC 5321 §5.1).
type MX struct {
	Preference uint16
	Host       string // lower-case, without a dot at the end; "." is the null MX (RFC 7505)
}

// Texts returns the contents of the TXT (or SPF) records, one string a record:
// the strings of a record are joined without anything between them (RFC 7208
// §3.3). Octets are as they came.
func (a Answer) Texts() []string {
	var texts []string
	for _, strs := range a.TextStrings() {
		texts = append(texts, strings.Join(strs, ""))
	}
	return texts
}

// TextStrings returns the single strings of each TXT (or SPF) record.
func (a Answer) TextStrings() [][]string {
	var texts [][]string
	for _, rr := range a.Records {
		var escaped []string
		switch rr := rr.(type) {
		case *dns.TXT:
			escaped = rr.Txt
		case *dns.SPF:
			escaped = rr.Txt
		default:
			continue
		}
		strs := make([]string, len(escaped))
		for i, s := range escaped {
			strs[i] = unescape(s)
		}
		texts = append(texts, strs)
	}
	return texts
}

// MX returns the mail exchangers, best preference first and otherwise in the
// order they came.
func (a Answer) MX() []MX {
	var hosts []MX
	for _, rr := range a.Records {
		if mx, ok := rr.(*dns.MX); ok {
			hosts = append(hosts, MX{Preference: mx.Preference, Host: plainName(mx.Mx)})
		}
	}
	slices.SortStableFunc(hosts, func(x, y MX) int { return int(x.Preference) - int(y.Preference) })
	return hosts
}

// Addrs returns the addresses of A and AAAA records.
func (a Answer) Addrs() []netip.Addr {
	var addrs []netip.Addr
	for _, rr := range a.Records {
		switch rr := rr.(type) {
		case *dns.A:
			if addr, ok := netip.AddrFromSlice(rr.A); ok {
				addrs = append(addrs, addr.Unmap())
			}
		case *dns.AAAA:
			if addr, ok := netip.AddrFromSlice(rr.AAAA); ok {
				addrs = append(addrs, addr)
			}
		}
	}
	return addrs
}

// Names returns the names that PTR, NS and CNAME records point to, lower-case
// and without a dot at the end.
func (a Answer) Names() []string {
	var names []string
	for _, rr := range a.Records {
		switch rr := rr.(type) {
		case *dns.PTR:
			names = append(names, plainName(rr.Ptr))
		case *dns.NS:
			names = append(names, plainName(rr.Ns))
		case *dns.CNAME:
			names = append(names, plainName(rr.Target))
		}
	}
	return names
}

// TLSA returns the TLSA records (RFC 6698).
func (a Answer) TLSA() []*dns.TLSA {
	var records []*dns.TLSA
	for _, rr := range a.Records {
		if tlsa, ok := rr.(*dns.TLSA); ok {
			records = append(records, tlsa)
		}
	}
	return records
}

// Lines returns the records as a zone file would show them, without TTL and
// class: `example.com. MX 10 mx.example.com.`.
func (a Answer) Lines() []string {
	var lines []string
	for _, rr := range a.Records {
		h := rr.Header()
		lines = append(lines, h.Name+" "+TypeName(h.Rrtype)+" "+recordData(rr))
	}
	return lines
}

// recordData is the part of a record behind its type, as a zone file shows it.
func recordData(rr dns.RR) string { return strings.TrimPrefix(rr.String(), rr.Header().String()) }

// LookupAddrs asks for both address families of a host at once.
func LookupAddrs(ctx context.Context, r Resolver, host string) (v4, v6 Answer) {
	answers := LookupAll(ctx, r, Question{host, TypeA}, Question{host, TypeAAAA})
	return answers[0], answers[1]
}

// ReverseName returns the name under which the PTR records of an address are:
// 4.3.2.1.in-addr.arpa (RFC 1035 §3.5) or its ip6.arpa form (RFC 3596 §2.5). An
// IPv4 address mapped into IPv6 is an IPv4 address.
func ReverseName(addr netip.Addr) string {
	name, err := dns.ReverseAddr(addr.Unmap().WithZone("").String())
	if err != nil {
		return "" // only the zero Addr
	}
	return strings.TrimSuffix(name, ".")
}

// LookupPTR asks for the names of an address.
func LookupPTR(ctx context.Context, r Resolver, addr netip.Addr) Answer {
	return r.Lookup(ctx, ReverseName(addr), TypePTR)
}
