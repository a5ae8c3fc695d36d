package delivery

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/miekg/dns"
)

// ErrBadZone means that a zone file cannot be read.
var ErrBadZone = errors.New("bad zone file")

// A Zone answers from the records of a zone file (RFC 1035 §5). Where the file
// has a SOA record, it holds everything below the record's name, up to
// delegations, and what is not listed there does not exist. A file, or a part
// of it, without SOA only holds the records it lists: it says what to put in
// place of theirs, not what the rest is. Wildcards are as in RFC 4592.
//
// As a [Resolver] a zone answers [CauseNotRecorded] for what it does not hold;
// [Overlay] asks another resolver for it.
type Zone struct {
	name    string
	sets    map[Question][]dns.RR // by plain name and type
	exists  map[string]bool       // names with records at or below them
	apexes  map[string]*dns.SOA
	records int
}

// Lookup implements [Resolver].
func (z *Zone) Lookup(ctx context.Context, name string, qtype uint16) Answer {
	return Overlay(z, nothing{}).Lookup(ctx, name, qtype)
}

// nothing is a resolver that knows nothing.
type nothing struct{}

func (nothing) Lookup(_ context.Context, name string, qtype uint16) Answer {
	return unknownAnswer(name, qtype, CauseNotRecorded, fmt.Errorf("%s %s: %w", name, TypeName(qtype), ErrNotRecorded))
}

// find answers a question without following aliases; an answer without a status
// ends with an alias. It reports whether the zone holds the answer.
func (z *Zone) find(q Question) (Answer, bool) {
	a := Answer{Name: q.Name, Type: q.Type, Server: "zone " + z.name}
	if z.fill(&a, q.Name) {
		return a, true
	}
	apex, authoritative := z.apexOf(q.Name, q.Type)
	if z.exists[q.Name] {
		if authoritative {
			z.absent(&a, LookupNoRecord, apex)
		}
		return a, authoritative
	}
	encloser := z.encloserOf(q.Name)
	wildcard := wildcardBelow(encloser)
	if z.fillDNAME(&a, encloser) || z.fill(&a, wildcard) {
		return a, true
	}
	switch {
	case !authoritative:
		return a, false
	case z.exists[wildcard]:
		z.absent(&a, LookupNoRecord, apex)
	default:
		z.absent(&a, LookupNoName, apex)
	}
	return a, true
}

// fill puts the records at owner into the answer, or its alias, as if they were
// at the name of the question (RFC 4592 §3.3.1). It reports whether there are
// any.
func (z *Zone) fill(a *Answer, owner string) bool {
	if set := z.sets[Question{owner, a.Type}]; set != nil {
		a.Status, a.Records = LookupFound, renamed(set, owner, a.Name)
		a.TTL = a.least()
		return true
	}
	if set := z.sets[Question{owner, dns.TypeCNAME}]; set != nil && a.Type != dns.TypeDS {
		cname, _ := set[0].(*dns.CNAME)
		z.alias(a, plainName(cname.Target), cname.Hdr.Ttl)
		return true
	}
	return false
}

func (z *Zone) alias(a *Answer, target string, ttl uint32) {
	a.Chain = []Alias{{From: a.Name, To: target, TTL: seconds(ttl)}}
	a.TTL = a.least()
}

// fillDNAME makes the alias that a DNAME at or above a name stands for
// (RFC 6672 §2.2).
func (z *Zone) fillDNAME(a *Answer, encloser string) bool {
	for owner, more := encloser, true; more; owner, more = parentName(owner) {
		set := z.sets[Question{owner, dns.TypeDNAME}]
		if set == nil || owner == "." {
			continue
		}
		dname, _ := set[0].(*dns.DNAME)
		z.alias(a, strings.TrimSuffix(a.Name, owner)+plainName(dname.Target), dname.Hdr.Ttl)
		return true
	}
	return false
}

func renamed(set []dns.RR, from, to string) []dns.RR {
	if from == to {
		return set
	}
	copies := make([]dns.RR, len(set))
	for i, rr := range set {
		copies[i] = dns.Copy(rr)
		copies[i].Header().Name = escapeName(to)
	}
	return copies
}

func (z *Zone) absent(a *Answer, status LookupStatus, apex string) {
	a.Status = status
	a.Zone = apex
	a.absentFor(z.apexes[apex])
}

func wildcardBelow(name string) string {
	if name == "." {
		return "*"
	}
	return "*." + name
}

// encloserOf is the longest name above that exists (RFC 4592 §3.3.1).
func (z *Zone) encloserOf(name string) string {
	for parent, more := parentName(name); more; parent, more = parentName(parent) {
		if z.exists[parent] {
			return parent
		}
	}
	return "."
}

// apexOf finds the SOA record that a name is under, and reports whether there is
// one and no delegation between the two. The DS records of a delegation are on
// the upper side of it (RFC 4035 §3.1.4.1).
func (z *Zone) apexOf(name string, qtype uint16) (apex string, found bool) {
	at := name
	for more := true; more; at, more = parentName(at) {
		if z.apexes[at] != nil && (qtype != dns.TypeDS || at != name) {
			return at, true
		}
		if z.sets[Question{at, dns.TypeNS}] != nil && (qtype != dns.TypeDS || at != name) {
			return "", false
		}
	}
	return "", false
}
