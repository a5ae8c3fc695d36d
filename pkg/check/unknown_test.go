package check_test

import (
	"net/netip"
	"slices"
	"testing"
	"time"

	"github.com/mailctl/mailctl/internal/testkit"
	"github.com/mailctl/mailctl/pkg/check"
	"github.com/mailctl/mailctl/pkg/delivery"
)

func client(t testing.TB, opt delivery.ClientOptions) *delivery.Client {
	t.Helper()
	c, err := delivery.NewClient(opt)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	return c
}

func servers(s *testkit.DNS) []delivery.DNSServer {
	return []delivery.DNSServer{{Transport: delivery.TransportUDP, Addr: s.Addr}}
}

// Nothing is missing, and nothing to be changed, when no server tells.
func TestNobodyTells(t *testing.T) {
	for _, fault := range []testkit.DNSFault{
		testkit.DNSServFail, testkit.DNSRefused, testkit.DNSSilent, testkit.DNSGarbage, testkit.DNSReferral, testkit.DNSEmpty,
	} {
		t.Run(string(fault), func(t *testing.T) {
			server := testkit.NewDNS(t, good)
			server.Fault("", 0, fault)
			resolver := client(t, delivery.ClientOptions{Servers: servers(server), Timeout: 40 * time.Millisecond, Attempts: 1})
			d := check.Check(t.Context(), "example.com", check.Options{
				Resolver: resolver, Selectors: []string{"s1"}, Now: clock,
				IPs: []netip.Addr{netip.MustParseAddr("192.0.2.1")}, Only: check.Standards(),
			})
			if d.Verdict != check.VerdictUnknown {
				t.Errorf("verdict %s", d.Verdict)
			}
			want := []check.Standard{
				check.StandardMX, check.StandardSPF, check.StandardDKIM, check.StandardDMARC, check.StandardMTASTS,
				check.StandardTLSRPT, check.StandardDNSSEC, check.StandardDANE, check.StandardBIMI, check.StandardDNSBL,
			}
			for _, f := range d.Findings {
				want = slices.DeleteFunc(want, func(s check.Standard) bool { return s == f.Standard })
				if f.Severity != check.SeverityUnknown || f.Fix != "" {
					t.Errorf("%+v", f)
				}
			}
			if len(want) > 0 {
				t.Errorf("nothing is unknown of %v", want)
			}
			if d.Verdict != check.VerdictUnknown {
				t.Errorf("verdict %s", d.Verdict)
			}
		})
	}
}

// One name that fails makes what depends on it unknown, and nothing else.
func TestOneNameFails(t *testing.T) {
	tests := []struct {
		name, edits string
		want        []string
	}{
		{"mx1.example.com", "", []string{"dane-unknown", "mx-unknown", "spf-unknown"}},
		{"_dmarc.example.com", "", []string{"dmarc-unknown"}},
		{"s1._domainkey.example.com", "", []string{"dkim-unknown"}},
		{"_mta-sts.example.com", "", []string{"mtasts-unknown"}},
		{"_smtp._tls.example.com", "", []string{"tlsrpt-unknown"}},
		{"_25._tcp.mx1.example.com", "", []string{"dane-unknown"}},
		{"default._bimi.example.com", "", []string{"bimi-unknown"}},
		{"b.example.com", "- example.com TXT\nexample.com. TXT \"v=spf1 mx include:b.example.com -all\"\n", []string{"spf-unknown"}},
		{"deep.example.com", "- example.com TXT\nexample.com. TXT \"v=spf1 mx include:b.example.com -all\"\nb.example.com. TXT \"v=spf1 include:deep.example.com -all\"\n", []string{"spf-unknown"}},
		{"host.example.com", "- example.com TXT\nexample.com. TXT \"v=spf1 mx a:host.example.com -all\"\n", []string{"spf-unknown"}},
		{"example.com._report._dmarc.example.net", dmarc1("v=DMARC1; p=reject; rua=mailto:d@example.net"), []string{"dmarc-report-unknown"}},
		{"1.2.0.192.in-addr.arpa", "", []string{"mx-ip-unknown"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			opt := options(t, nil)
			opt.Resolver = editedKey(t, test.edits).resolver(t).Fail(delivery.CauseServFail, test.name)
			if test.want[0] == "mx-ip-unknown" {
				opt.IPs = []netip.Addr{netip.MustParseAddr("192.0.2.1")}
			}
			d := check.Check(t.Context(), "example.com", opt)
			if got := ids(d); !slices.Equal(got, test.want) || d.Verdict != check.VerdictUnknown {
				t.Errorf("%s: %v, want %v\n%+v", d.Verdict, got, test.want, d.Findings)
			}
			for _, f := range d.Findings {
				if f.Fix != "" {
					t.Errorf("%s advises %s", f.ID, f.Fix)
				}
			}
		})
	}
}

// What is certain stays certain, and wins.
func TestErrorWinsOverUnknown(t *testing.T) {
	opt := options(t, nil)
	opt.Resolver = editedKey(t, "- example.com TXT\nexample.com. TXT \"v=spf1 mx +all\"\n").resolver(t).Fail(delivery.CauseTimeout, "_dmarc.example.com")
	d := check.Check(t.Context(), "example.com", opt)
	if d.Verdict != check.VerdictFail {
		t.Errorf("%s: %v", d.Verdict, ids(d))
	}
}

// A domain whose name server never answers takes no longer than it may.
func TestTimeout(t *testing.T) {
	server := testkit.NewDNS(t, good)
	server.Fault("", 0, testkit.DNSSilent)
	resolver := client(t, delivery.ClientOptions{Servers: servers(server), Timeout: time.Minute})
	began := time.Now()
	d := check.Check(t.Context(), "example.com", check.Options{Resolver: resolver, Timeout: 100 * time.Millisecond})
	if took := time.Since(began); took > 2*time.Second || d.Verdict != check.VerdictUnknown {
		t.Errorf("%s after %s", d.Verdict, took)
	}
}
