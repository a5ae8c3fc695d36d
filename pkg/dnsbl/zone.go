package dnsbl

import (
	"net/netip"
	"strings"

	"github.com/mailctl/mailctl/pkg/delivery"
)

// A Zone is one blocklist.
type Zone struct {
	Name    string // the domain under which it answers, "zen.spamhaus.org"
	IPv4    bool   // it lists IPv4 addresses
	IPv6    bool   // it lists IPv6 addresses
	Domains bool   // it lists domains
	Codes   []Code // what its answers mean, as far as known
	Source  string // where that is documented
}

// A Code is one answer of a list and its meaning.
type Code struct {
	Answer  netip.Prefix
	Meaning string
	Error   bool // it says that the query was refused or wrong, not that something is listed
}

// DefaultZones returns lists that receivers are known to use, as documented by
// their operators in 2026.
func DefaultZones() []Zone {
	return []Zone{
		{
			Name: "zen.spamhaus.org", IPv4: true, IPv6: true,
			Source: "https://www.spamhaus.org/blocklists/zen-blocklist/",
			Codes: []Code{
				listed("127.0.0.2/32", "SBL: a source of spam"),
				listed("127.0.0.3/32", "CSS: sends low-reputation mail"),
				listed("127.0.0.4/30", "XBL: a compromised machine"),
				listed("127.0.0.9/32", "DROP: a network run by criminals"),
				listed("127.0.0.10/31", "PBL: not meant to send mail directly"),
			},
		},
		{
			Name: "bl.spamcop.net", IPv4: true,
			Source: "https://www.spamcop.net/fom-serve/cache/291.html",
			Codes:  []Code{listed("127.0.0.2/32", "reported as a source of spam")},
		},
		{
			Name: "b.barracudacentral.org", IPv4: true,
			Source: "https://www.barracudacentral.org/rbl/how-to-use",
			Codes:  []Code{listed("127.0.0.2/32", "poor reputation")},
		},
		{
			Name: "psbl.surriel.com", IPv4: true,
			Source: "https://psbl.org/howto/",
			Codes:  []Code{listed("127.0.0.2/32", "sent mail to a spam trap")},
		},
		{
			Name: "dbl.spamhaus.org", Domains: true,
			Source: "https://www.spamhaus.org/faqs/domain-blocklist/",
			Codes: []Code{
				listed("127.0.1.2/32", "a domain of spammers"),
				listed("127.0.1.4/32", "phishing"),
				listed("127.0.1.5/32", "malware"),
				listed("127.0.1.6/32", "a botnet's command server"),
				listed("127.0.1.102/32", "a legitimate domain abused for spam"),
				listed("127.0.1.103/32", "a redirector abused for spam"),
				listed("127.0.1.104/32", "a legitimate domain abused for phishing"),
				listed("127.0.1.105/32", "a legitimate domain abused for malware"),
				listed("127.0.1.106/32", "a legitimate domain abused for a botnet"),
				{netip.MustParsePrefix("127.0.1.255/32"), "the list does not take addresses", true},
			},
		},
	}
}

func listed(answer, meaning string) Code {
	return Code{Answer: netip.MustParsePrefix(answer), Meaning: meaning}
}

// commonErrors are the answers that are errors at every list: the convention that
// Spamhaus began, and 127.0.0.1, which RFC 5782 §5 keeps free.
func commonErrors() []Code {
	return []Code{
		{netip.MustParsePrefix("127.255.255.252/32"), "the name of the list is misspelled", true},
		{netip.MustParsePrefix("127.255.255.254/32"), "the list does not answer public resolvers", true},
		{netip.MustParsePrefix("127.255.255.255/32"), "too many queries", true},
		{netip.MustParsePrefix("127.255.255.0/24"), "the list refuses to answer", true},
		{netip.MustParsePrefix("127.0.0.1/32"), "the list refuses to answer, or does not work", true},
	}
}

// A Subject is what a list is asked about: an address or a domain.
type Subject struct {
	Addr   netip.Addr
	Domain string // used when Addr is the zero Addr
}

// String is the address or the domain.
func (s Subject) String() string {
	if s.Addr.IsValid() {
		return s.Addr.String()
	}
	return s.Domain
}

// Lists reports whether the zone has anything to say about such a subject.
func (z Zone) Lists(s Subject) bool {
	switch {
	case !s.Addr.IsValid():
		return z.Domains
	case s.Addr.Unmap().Is4():
		return z.IPv4
	default:
		return z.IPv6
	}
}

// QueryName is the name under which a list keeps a subject: the reversed octets
// of an IPv4 address (RFC 5782 §2.1), the reversed nibbles of an IPv6 address
// (§2.4), or the domain (§3), and the zone. An IPv4 address mapped into IPv6 is an
// IPv4 address.
func (z Zone) QueryName(s Subject) string {
	if !s.Addr.IsValid() {
		return strings.TrimSuffix(s.Domain, ".") + "." + z.Name
	}
	reverse := delivery.ReverseName(s.Addr)
	reverse = strings.TrimSuffix(strings.TrimSuffix(reverse, ".in-addr.arpa"), ".ip6.arpa")
	return reverse + "." + z.Name
}

// meaning explains an answer and tells whether it is an error.
func (z Zone) meaning(answer netip.Addr) (text string, isError bool) {
	if !netip.MustParsePrefix("127.0.0.0/8").Contains(answer) {
		return "an answer outside of 127.0.0.0/8: somebody else answers for the list", true
	}
	for _, codes := range [][]Code{z.Codes, commonErrors()} {
		for _, c := range codes {
			if c.Answer.Contains(answer) {
				return c.Meaning, c.Error
			}
		}
	}
	return "", false
}
