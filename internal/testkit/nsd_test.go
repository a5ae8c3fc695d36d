package testkit

import (
	"strings"
	"testing"

	"github.com/miekg/dns"
)

// aboveZones delegates to a zone of each kind. The anchors of two of them are put
// in by the test.
const aboveZones = `@ SOA ns hostmaster 1 3600 600 86400 60
@ NS ns
ns A 192.0.2.53
secure NS ns.secure
ns.secure A 192.0.2.53
insecure NS ns
bogus NS ns
*.wild TXT "any"
`

const belowZone = `@ SOA ns.above.example. hostmaster 1 3600 600 86400 60
@ NS ns.above.example.
@ TXT "it is \"here\"; \255"
alias CNAME host
host A 192.0.2.1
`

func TestUnboundTellsZonesApart(t *testing.T) {
	t.Parallel()
	secure, secureDS := Zone{"secure.above.example.", belowZone}.Signed(t)
	bogus, bogusDS := Zone{"bogus.above.example.", belowZone}.Signed(t)
	bogus.Text = strings.Replace(bogus.Text, "192.0.2.1", "192.0.2.2", 1)
	above, anchor := Zone{"above.example.", aboveZones + secureDS + "\n" + bogusDS + "\n"}.Signed(t)
	server := NSD(t, above, secure, bogus, Zone{"insecure.above.example.", belowZone})
	resolver := Unbound(t, server, anchor)

	tests := []struct {
		name   string
		qtype  uint16
		rcode  int
		secure bool
	}{
		{"secure.above.example.", dns.TypeTXT, dns.RcodeSuccess, true},
		{"alias.secure.above.example.", dns.TypeA, dns.RcodeSuccess, true},
		{"nothing.secure.above.example.", dns.TypeA, dns.RcodeNameError, true},
		{"host.secure.above.example.", dns.TypeMX, dns.RcodeSuccess, true},
		{"a.wild.above.example.", dns.TypeTXT, dns.RcodeSuccess, true},
		{"wild.above.example.", dns.TypeTXT, dns.RcodeSuccess, true},
		{"insecure.above.example.", dns.TypeTXT, dns.RcodeSuccess, false},
		{"nothing.insecure.above.example.", dns.TypeA, dns.RcodeNameError, false},
		{"bogus.above.example.", dns.TypeTXT, dns.RcodeSuccess, true},
		{"host.bogus.above.example.", dns.TypeA, dns.RcodeServerFailure, false},
		{"elsewhere.test.", dns.TypeA, dns.RcodeNameError, false},
		{"1.2.0.192.in-addr.arpa.", dns.TypePTR, dns.RcodeNameError, false},
	}
	for _, test := range tests {
		query := new(dns.Msg)
		query.SetQuestion(test.name, test.qtype)
		query.AuthenticatedData = true
		answer, err := dns.Exchange(query, resolver)
		check(t, err)
		if answer.Rcode != test.rcode || answer.AuthenticatedData != test.secure {
			t.Errorf("%s %s: %s, AD %t\n%s", test.name, dns.Type(test.qtype), dns.RcodeToString[answer.Rcode], answer.AuthenticatedData, answer)
		}
	}
}
