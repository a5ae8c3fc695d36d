package check_test

import (
	"fmt"
	"strings"

	"github.com/mailctl/mailctl/pkg/check"
)

// otherFaults are those that one zone and one way of looking at it do not show.
var otherFaults = []fault{
	{id: "mx-private-address", edits: "- mx2.example.com A\nmx2.example.com. A 10.0.0.1\n"},
	{id: "mx-private-address", edits: "mx2.example.com. AAAA fd00::1\n"},
	{id: "mx-no-such-host", edits: "- example.com MX\nexample.com. MX 10 gone.example.com.\n", also: "spf-void-lookup"},
	{id: "mx-invalid-host", edits: "- example.com MX\nexample.com. MX 10 localhost.\n", also: "spf-void-lookup"},
	{id: "spf-too-large", edits: "- example.com TXT\nexample.com. TXT \"v=spf1 mx include:i0.example.com -all\"\n" + includes(20)},
	{
		id:    "spf-too-many-lookups", // of which no networks are known
		edits: "- example.com TXT\nexample.com. TXT \"v=spf1 mx" + strings.Repeat(" exists:%{i}.x.example.com", 11) + " -all\"\n",
	},
	{
		id:    "spf-long-record", // by its own networks
		edits: "- example.com TXT\nexample.com. TXT \"v=spf1 mx" + addresses(30) + "\" \"" + addresses(10) + " -all\"\n",
	},
	{id: "spf-pass-all", edits: "- example.com TXT\nexample.com. TXT \"v=spf1 mx ip4:0.0.0.0/1 ip4:128.0.0.0/1 -all\"\n"},

	{id: "dkim-missing", edits: "- s1._domainkey.example.com TXT\n", also: "dmarc-reject-without-dkim", set: unnamed},
	{id: "dmarc-reject-without-dkim", edits: "- s1._domainkey.example.com TXT\n", also: "dkim-missing", set: unnamed},
	{id: "dkim-not-found", edits: "- s1._domainkey.example.com TXT\nodd._domainkey.example.com. TXT \"v=DKIM1; p={rsa2048}\"\n", set: unnamed},

	{
		id:    "dmarc-psl-differs",
		edits: "- _dmarc.example.com TXT\n_dmarc.below.example.com. TXT \"v=DMARC1; p=reject; rua=mailto:d@below.example.com\"\n",
		set:   dmarcOf("deep.below.example.com"),
	},
	{
		id:    "dmarc-psl-differs",
		edits: "_dmarc.below.example.com. TXT \"v=DMARC1; p=reject; psd=n; rua=mailto:d@below.example.com\"\n",
		set:   dmarcOf("deep.below.example.com"),
	},
	{
		id:    "dmarc-psl-differs",
		edits: "_dmarc.co.uk. TXT \"v=DMARC1; p=reject; rua=mailto:d@co.uk\"\n",
		set:   dmarcOf("shop.co.uk"),
	},
	{
		id:    "dmarc-report-not-authorized",
		edits: dmarc1("v=DMARC1; p=reject; rua=mailto:d@" + strings.Repeat(strings.Repeat("a", 49)+".", 4) + strings.Repeat("b", 30) + ".net"),
	},

	{id: "bimi-not-a-record", edits: "default._bimi.example.com. TXT \"v=BIMI2; l=https://logos.example.com/a.svg; a=https://logos.example.com/a.pem\"\n"},
	{id: "bimi-invalid-record", edits: "default._bimi.example.com. TXT \"v=BIMI1; l=https://logos.example.com/a.png; a=https://logos.example.com/a.pem\"\n"},

	{id: "dnssec-untrusted-resolver", set: func(w *world) {
		w.server = "192.0.2.53:53"
		w.opt.Only = []check.Standard{check.StandardDNSSEC}
	}},
}

// unnamed names no selectors.
func unnamed(w *world) { w.opt.Selectors = nil }

// dmarcOf looks at the DMARC policy of another domain.
func dmarcOf(domain string) func(*world) {
	return func(w *world) {
		w.domain = domain
		w.opt.Only = []check.Standard{check.StandardDMARC}
	}
}

func includes(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "i%d.example.com. TXT \"v=spf1 include:i%d.example.com -all\"\n", i, i+1)
	}
	return b.String()
}

func addresses(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, " ip4:198.51.%d.1", 100+n+i)
	}
	return b.String()
}
