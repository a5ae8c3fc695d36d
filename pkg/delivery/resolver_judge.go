package delivery

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/miekg/dns"
)

// errFormat is the FORMERR of a server, which may not know EDNS (RFC 6891 §7).
var errFormat = errors.New("FORMERR")

// judgeMessage reads from a message what it says about a question. An answer that ends
// with an alias nobody followed has no status yet.
func judgeMessage(m *dns.Msg, name string, qtype uint16) Answer {
	a := Answer{Name: name, Type: qtype, Secure: m.AuthenticatedData}
	if cause, err := failure(m); cause != "" {
		return unknownAnswer(name, qtype, cause, err)
	}
	a.collect(m.Answer)
	soa := soaOf(m)
	switch {
	case isLoop(a.Chain):
		return aliasLoop(a)
	case a.Records != nil && m.Rcode == dns.RcodeSuccess:
		a.Status = LookupFound
	case a.Records != nil:
		return unknownAnswer(name, qtype, CauseMalformed, fmt.Errorf("%w: records, and yet %s", errMalformed, rcodeName(m.Rcode)))
	case soa != nil && !dns.IsSubDomain(soa.Hdr.Name, escapeName(a.Target())):
		return unknownAnswer(name, qtype, CauseLame, fmt.Errorf("an answer for the zone %s, to which %s does not belong", plainName(soa.Hdr.Name), a.Target()))
	case m.Rcode == dns.RcodeNameError:
		a.Status = LookupNoName // of the end of the chain (RFC 6604 §3)
	case a.Chain != nil && soa == nil:
		return a // the server may not have followed the chain to its end
	case soa == nil && isReferral(m):
		return unknownAnswer(name, qtype, CauseLame, errors.New("a referral instead of an answer"))
	default:
		a.Status = LookupNoRecord
	}
	if a.Absent() {
		a.absentFor(soa)
	}
	return a
}

// absentFor sets how long an absence may be kept (RFC 2308 §5): as long as the
// SOA record says, and without one not at all.
func (a *Answer) absentFor(soa *dns.SOA) {
	if soa == nil {
		a.TTL = 0
		return
	}
	ttl := seconds(min(soa.Hdr.Ttl, soa.Minttl))
	if a.Chain != nil {
		ttl = min(ttl, a.TTL)
	}
	a.Zone, a.TTL = plainName(soa.Hdr.Name), ttl
}

// failure is why a message tells nothing; empty when it does.
func failure(m *dns.Msg) (LookupCause, error) {
	switch m.Rcode {
	case dns.RcodeSuccess, dns.RcodeNameError:
		// An answer from a server that is not responsible and looks nothing up, and
		// that has nothing to say, is no proof of absence.
		if !m.Authoritative && !m.RecursionAvailable && len(m.Answer) == 0 && soaOf(m) == nil {
			return CauseLame, errors.New("the server is not responsible for the name")
		}
		return "", nil
	case dns.RcodeServerFailure:
		if text, bogus := extendedError(m); bogus {
			return CauseBogus, errors.New("SERVFAIL" + text)
		}
		return CauseServFail, rcodeError(m)
	case dns.RcodeRefused:
		return CauseRefused, rcodeError(m)
	case dns.RcodeFormatError:
		return CauseRcode, errFormat
	}
	return CauseRcode, rcodeError(m)
}

func rcodeError(m *dns.Msg) error {
	text, _ := extendedError(m)
	return errors.New(rcodeName(m.Rcode) + text)
}

func rcodeName(rcode int) string {
	if name, ok := dns.RcodeToString[rcode]; ok {
		return name
	}
	return "RCODE" + strconv.Itoa(rcode)
}

// extendedError returns the reasons a server gave (RFC 8914), and whether one of
// them is that validation failed.
func extendedError(m *dns.Msg) (text string, bogus bool) {
	const most = 120
	opt := m.IsEdns0()
	if opt == nil {
		return "", false
	}
	var reasons []string
	for _, option := range opt.Option {
		ede, ok := option.(*dns.EDNS0_EDE)
		if !ok {
			continue
		}
		bogus = bogus || ede.InfoCode >= dns.ExtendedErrorCodeDNSBogus && ede.InfoCode <= dns.ExtendedErrorCodeNSECMissing
		reason := dns.ExtendedErrorCodeToString[ede.InfoCode]
		if reason == "" {
			reason = "extended error " + strconv.Itoa(int(ede.InfoCode))
		}
		if extra := ede.ExtraText; extra != "" {
			reason += fmt.Sprintf(" %q", extra[:min(len(extra), most)])
		}
		reasons = append(reasons, reason)
	}
	if reasons == nil {
		return "", false
	}
	return " (" + strings.Join(reasons, ", ") + ")", bogus
}

// collect takes the chain that begins at a.Name and the records at its end from
// an answer section; the records may be in any order (RFC 1034 §3.6.2 shows one,
// servers rotate them).
func (a *Answer) collect(section []dns.RR) {
	aliases := make(map[string]*dns.CNAME)
	if a.Type != dns.TypeCNAME {
		for _, rr := range section {
			if cname, ok := rr.(*dns.CNAME); ok {
				aliases[plainName(cname.Hdr.Name)] = cname
			}
		}
	}
	for len(a.Chain) <= maxAliases && !isLoop(a.Chain) {
		cname, ok := aliases[a.Target()]
		if !ok {
			break
		}
		alias := Alias{From: a.Target(), To: plainName(cname.Target), TTL: seconds(cname.Hdr.Ttl)}
		a.Chain = append(a.Chain, alias)
	}
	for _, rr := range section {
		h := rr.Header()
		if h.Rrtype == a.Type && h.Class == dns.ClassINET && plainName(h.Name) == a.Target() {
			a.Records = append(a.Records, rr)
		}
	}
	a.TTL = a.least()
}

// least is the least TTL of the chain and the records; zero when there are none.
func (a *Answer) least() time.Duration {
	var least time.Duration
	for i, alias := range a.Chain {
		if i == 0 || alias.TTL < least {
			least = alias.TTL
		}
	}
	for i, rr := range a.Records {
		if ttl := seconds(rr.Header().Ttl); i == 0 && a.Chain == nil || ttl < least {
			least = ttl
		}
	}
	return least
}

// seconds is a TTL as a duration; one with the highest bit set means zero
// (RFC 2181 §8).
func seconds(ttl uint32) time.Duration {
	if ttl > 1<<31-1 {
		return 0
	}
	return time.Duration(ttl) * time.Second
}

// soaOf returns the SOA record of the authority section, or nil.
func soaOf(m *dns.Msg) *dns.SOA {
	for _, rr := range m.Ns {
		if soa, ok := rr.(*dns.SOA); ok {
			return soa
		}
	}
	return nil
}

// isReferral tells a referral from the absence of records (RFC 2308 §2.2).
func isReferral(m *dns.Msg) bool {
	if m.Authoritative || len(m.Answer) > 0 {
		return false
	}
	for _, rr := range m.Ns {
		if rr.Header().Rrtype == dns.TypeNS {
			return true
		}
	}
	return false
}
