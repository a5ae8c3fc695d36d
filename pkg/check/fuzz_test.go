package check_test

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/miekg/dns"

	"github.com/mailctl/mailctl/internal/testkit/zonetest"
	"github.com/mailctl/mailctl/pkg/check"
	"github.com/mailctl/mailctl/pkg/delivery"
)

// txt is a TXT record of any text, as a zone file has it.
func txt(name, text string) string {
	rr := &dns.TXT{Hdr: dns.RR_Header{Name: name, Rrtype: dns.TypeTXT, Class: dns.ClassINET, Ttl: 300}}
	escape := strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\010`, "\r", `\013`, "\x00", `\000`)
	for ; len(text) > 200; text = text[200:] {
		rr.Txt = append(rr.Txt, escape.Replace(text[:200]))
	}
	rr.Txt = append(rr.Txt, escape.Replace(text))
	return rr.String() + "\n"
}

// Whatever stands in a record, the check ends with a verdict, its findings are of
// the rules, and what its fixes paste are zone files.
func FuzzRecords(f *testing.F) {
	for _, test := range faults {
		for line := range strings.Lines(test.edits) {
			if _, text, ok := strings.Cut(line, "TXT \""); ok {
				f.Add(strings.TrimSuffix(strings.TrimSpace(text), `"`))
			}
		}
	}
	f.Add("v=spf1 " + strings.Repeat("x ", 100))
	f.Add("v=DMARC1; " + strings.Repeat("x=1; ", 100))
	names := []string{
		"example.com.", "_dmarc.example.com.", "s1._domainkey.example.com.", "_mta-sts.example.com.",
		"_smtp._tls.example.com.", "default._bimi.example.com.", "example.com._report._dmarc.example.net.",
	}
	f.Fuzz(func(t *testing.T, text string) {
		if !utf8.ValidString(text) || len(text) > 4000 {
			t.Skip("no zone file holds it so")
		}
		records := []string{"example.com. MX 10 mx.example.com.\nmx.example.com. A 192.0.2.1\n"}
		for _, name := range names {
			records = append(records, txt(name, text))
		}
		zone := strings.Join(records, "")
		if _, err := delivery.ParseZone(strings.NewReader(zone), "test"); err != nil {
			t.Skip(err)
		}
		d := check.Check(t.Context(), "example.com", check.Options{Resolver: zonetest.New(t, zone), Selectors: []string{"s1"}, Now: clock})
		if d.Verdict == "" || len(d.Findings) > 400 {
			t.Errorf("verdict %q, %d findings", d.Verdict, len(d.Findings))
		}
		for _, finding := range d.Findings {
			if _, ok := check.RuleOf(finding.ID); !ok {
				t.Errorf("%s is no rule", finding.ID)
			}
			if _, records := readFix(finding.Fix); records != "" {
				if _, err := delivery.ParseZone(strings.NewReader(records), "fix"); err != nil {
					t.Errorf("%s: %v\n%s", finding.ID, err, finding.Fix)
				}
			}
		}
	})
}
