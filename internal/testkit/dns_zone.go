package testkit

import (
	"strings"
	"testing"

	"github.com/miekg/dns"
)

// A dnsZone holds the records of a test's name server.
type dnsZone struct {
	sets   map[dnsQuestion][]dns.RR
	exists map[string]bool // names at or below which there are records
}

func parseDNSZone(t testing.TB, text string) *dnsZone {
	t.Helper()
	z := &dnsZone{sets: make(map[dnsQuestion][]dns.RR), exists: map[string]bool{".": true}}
	parser := dns.NewZoneParser(strings.NewReader(text), ".", "")
	parser.SetDefaultTTL(300)
	for parsed, ok := parser.Next(); ok; parsed, ok = parser.Next() {
		rr := viaWire(t, parsed)
		owner := dns.CanonicalName(rr.Header().Name)
		q := dnsQuestion{owner, rr.Header().Rrtype}
		z.sets[q] = append(z.sets[q], rr)
		for _, i := range dns.Split(owner) {
			z.exists[owner[i:]] = true
		}
	}
	check(t, parser.Err())
	return z
}

// viaWire spells the names of a record as they come from a packet, which is how
// questions are spelled.
func viaWire(t testing.TB, rr dns.RR) dns.RR {
	t.Helper()
	wire := make([]byte, dns.Len(rr)+dns.MinMsgSize)
	_, err := dns.PackRR(rr, wire, 0, nil, false)
	check(t, err)
	rr, _, err = dns.UnpackRR(wire, 0)
	check(t, err)
	return rr
}

// answer answers as a recursive server does: with the chain of aliases and what
// is at its end, or with the SOA record of the zone that lacks it.
func (z *dnsZone) answer(query *dns.Msg, chase bool) *dns.Msg {
	const maxChain = 12
	m := new(dns.Msg)
	m.SetReply(query)
	m.RecursionAvailable = true
	name, qtype := dns.CanonicalName(query.Question[0].Name), query.Question[0].Qtype
	for range maxChain {
		rrs, isAlias := z.at(name, qtype)
		m.Answer = append(m.Answer, rrs...)
		if isAlias && !chase {
			return m
		}
		if !isAlias {
			if rrs == nil {
				m.Ns = []dns.RR{z.soa(name)}
			}
			break
		}
		cname, _ := rrs[0].(*dns.CNAME)
		name = dns.CanonicalName(cname.Target)
	}
	if !z.has(name) {
		m.Rcode = dns.RcodeNameError
	}
	return m
}

// at returns the records of a name, or its alias.
func (z *dnsZone) at(name string, qtype uint16) (rrs []dns.RR, isAlias bool) {
	owner := name
	if !z.exists[name] {
		owner = z.wildcard(name)
	}
	if rrs := z.sets[dnsQuestion{owner, qtype}]; rrs != nil {
		return ownedBy(rrs, name), false
	}
	rrs = z.sets[dnsQuestion{owner, dns.TypeCNAME}]
	return ownedBy(rrs, name), rrs != nil
}

func (z *dnsZone) has(name string) bool { return z.exists[name] || z.exists[z.wildcard(name)] }

// wildcard is the wildcard below the closest name above that exists.
func (z *dnsZone) wildcard(name string) string {
	for _, i := range dns.Split(name)[min(1, dns.CountLabel(name)):] {
		if z.exists[name[i:]] {
			return "*." + name[i:]
		}
	}
	return "*."
}

// ownedBy gives records of a wildcard the name that was asked for.
func ownedBy(rrs []dns.RR, name string) []dns.RR {
	owned := make([]dns.RR, len(rrs))
	for i, rr := range rrs {
		owned[i] = dns.Copy(rr)
		owned[i].Header().Name = name
	}
	if len(owned) == 0 {
		return nil
	}
	return owned
}

// soa is the SOA record above a name; the root's when the records have none.
func (z *dnsZone) soa(name string) dns.RR {
	for _, i := range dns.Split(name) {
		if rrs := z.sets[dnsQuestion{name[i:], dns.TypeSOA}]; rrs != nil {
			return rrs[0]
		}
	}
	return newSOA(".")
}

func newSOA(owner string) *dns.SOA {
	return &dns.SOA{
		Hdr: dns.RR_Header{Name: owner, Rrtype: dns.TypeSOA, Class: dns.ClassINET, Ttl: 60},
		Ns:  "ns.test.example.", Mbox: "hostmaster.test.example.", Serial: 1, Refresh: 3600, Retry: 600, Expire: 86400, Minttl: 60,
	}
}
