package testkit

import (
	"crypto"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/miekg/dns"
)

// Signed signs a zone with a new key (RFC 4035 §2): one key for everything, NSEC
// for what does not exist, valid from an hour ago for a day. The anchor is the DS
// record of the key, for the zone above or as a trust anchor.
func (z Zone) Signed(t testing.TB) (signed Zone, anchor string) {
	t.Helper()
	s := newZoneSigner(t, z)
	s.add(s.key)
	names := s.names()
	var b strings.Builder
	for i, name := range names {
		types := s.sets[name]
		cut := s.isCut(name)
		s.add(s.denial(name, names[(i+1)%len(names)]))
		for _, qtype := range slices.Sorted(maps.Keys(types)) {
			set := types[qtype]
			for _, rr := range set {
				b.WriteString(rr.String() + "\n")
			}
			if !cut || qtype == dns.TypeDS || qtype == dns.TypeNSEC {
				b.WriteString(s.sign(set).String() + "\n")
			}
		}
	}
	b.WriteString(s.glue())
	return Zone{z.Origin, b.String()}, strings.Join(strings.Fields(s.key.ToDS(dns.SHA256).String()), " ")
}

// A zoneSigner holds the records of a zone by owner and type.
type zoneSigner struct {
	t      testing.TB
	origin string
	sets   map[string]map[uint16][]dns.RR
	key    *dns.DNSKEY
	secret crypto.Signer
	ttl    uint32 // of denials: the last number of the SOA record (RFC 9077)
}

func newZoneSigner(t testing.TB, z Zone) *zoneSigner {
	t.Helper()
	s := &zoneSigner{t: t, origin: dns.CanonicalName(z.Origin), sets: make(map[string]map[uint16][]dns.RR)}
	parser := dns.NewZoneParser(strings.NewReader(z.Text), s.origin, "")
	parser.SetDefaultTTL(300)
	for rr, ok := parser.Next(); ok; rr, ok = parser.Next() {
		s.add(rr)
		if soa, ok := rr.(*dns.SOA); ok {
			s.ttl = soa.Minttl
		}
	}
	check(t, parser.Err())
	s.key = &dns.DNSKEY{
		Hdr:   dns.RR_Header{Name: s.origin, Rrtype: dns.TypeDNSKEY, Class: dns.ClassINET, Ttl: 300},
		Flags: dns.ZONE | dns.SEP, Protocol: 3, Algorithm: dns.ECDSAP256SHA256,
	}
	secret, err := s.key.Generate(256)
	check(t, err)
	s.secret, _ = secret.(crypto.Signer)
	return s
}

func (s *zoneSigner) add(rr dns.RR) {
	rr.Header().Name = dns.CanonicalName(rr.Header().Name)
	owner := s.sets[rr.Header().Name]
	if owner == nil {
		owner = make(map[uint16][]dns.RR)
		s.sets[rr.Header().Name] = owner
	}
	owner[rr.Header().Rrtype] = append(owner[rr.Header().Rrtype], rr)
}

// isCut reports whether another zone begins at a name.
func (s *zoneSigner) isCut(name string) bool {
	return name != s.origin && s.sets[name][dns.TypeNS] != nil
}

// below reports whether a name is below a cut: glue, which is not signed.
func (s *zoneSigner) below(name string) bool {
	for _, i := range dns.Split(name) {
		if parent := name[i:]; i > 0 && dns.IsSubDomain(s.origin, parent) && s.isCut(parent) {
			return true
		}
	}
	return false
}

// names returns the owners that denials name, in canonical order (RFC 4034 §6.1).
func (s *zoneSigner) names() []string {
	var names []string
	for name := range s.sets {
		if !s.below(name) {
			names = append(names, name)
		}
	}
	slices.SortFunc(names, func(a, b string) int {
		x, y := dns.SplitDomainName(a), dns.SplitDomainName(b)
		slices.Reverse(x)
		slices.Reverse(y)
		return slices.Compare(x, y)
	})
	return names
}

// glue prints what is below the cuts.
func (s *zoneSigner) glue() string {
	var b strings.Builder
	for name, types := range s.sets {
		if !s.below(name) {
			continue
		}
		for _, set := range types {
			for _, rr := range set {
				b.WriteString(rr.String() + "\n")
			}
		}
	}
	return b.String()
}

// denial says that there is nothing between a name and the next one, and which
// types the name has (RFC 4034 §4).
func (s *zoneSigner) denial(name, next string) *dns.NSEC {
	types := []uint16{dns.TypeNSEC, dns.TypeRRSIG}
	for qtype := range s.sets[name] {
		if !s.isCut(name) || qtype == dns.TypeNS || qtype == dns.TypeDS {
			types = append(types, qtype)
		}
	}
	slices.Sort(types)
	return &dns.NSEC{
		Hdr:        dns.RR_Header{Name: name, Rrtype: dns.TypeNSEC, Class: dns.ClassINET, Ttl: s.ttl},
		NextDomain: next, TypeBitMap: types,
	}
}

func (s *zoneSigner) sign(set []dns.RR) *dns.RRSIG {
	s.t.Helper()
	now := time.Now()
	signature := &dns.RRSIG{
		Hdr:        dns.RR_Header{Ttl: set[0].Header().Ttl},
		Algorithm:  s.key.Algorithm,
		KeyTag:     s.key.KeyTag(),
		SignerName: s.origin,
		Inception:  uint32(now.Add(-time.Hour).Unix()), // modulo 2^32 (RFC 4034 §3.1.5)
		Expiration: uint32(now.Add(24 * time.Hour).Unix()),
	}
	check(s.t, signature.Sign(s.secret, set))
	return signature
}
