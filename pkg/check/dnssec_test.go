package check

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/mailctl/mailctl/internal/testkit"
	"github.com/mailctl/mailctl/pkg/dane"
)

// withTLSA is a zone whose mail server has two TLSA records.
const withTLSA = `@ SOA ns.example. hostmaster.example. 1 3600 600 86400 300
@ NS ns.example.
@ MX 10 mx
mx A 192.0.2.25
_25._tcp.mx TLSA 3 1 1 1111111111111111111111111111111111111111111111111111111111111111
_25._tcp.mx TLSA 3 1 1 2222222222222222222222222222222222222222222222222222222222222222
`

// signedZones are a signed root and zones below it: each name says how its zone
// is signed.
func signedZones(t *testing.T) (zones []testkit.Zone, anchor string) {
	t.Helper()
	root := `@ SOA ns.example. hostmaster.example. 1 3600 600 86400 300
@ NS ns.example.
ns.example. A 192.0.2.53
`
	add := func(domain, text, ds string) {
		root += domain + ". NS ns.example.\n" + ds + "\n"
		zones = append(zones, testkit.Zone{Origin: domain + ".", Text: text})
	}
	signed := func(domain, text string) (string, string) {
		zone, ds := testkit.Zone{Origin: domain + ".", Text: text}.Signed(t)
		return zone.Text, ds
	}

	text, ds := signed("secure.example", withTLSA)
	add("secure.example", text, ds)
	add("insecure.example", withTLSA, "")
	add("insecure-mx.example", strings.Replace(withTLSA, "MX 10 mx", "MX 10 mx.secure.example.", 1), "")
	text, _ = signed("no-ds.example", withTLSA)
	add("no-ds.example", text, "")
	text, _ = signed("other-key.example", withTLSA)
	_, ds = signed("other-key.example", withTLSA)
	add("other-key.example", text, ds)
	text, ds = signed("changed-mx.example", withTLSA)
	add("changed-mx.example", strings.Replace(text, "MX\t10 mx.", "MX\t10 other.", 1), ds)
	text, ds = signed("changed-tlsa.example", withTLSA)
	add("changed-tlsa.example", strings.Replace(text, "1111", "1112", 1), ds)
	text, ds = signed("bogus-host.example", strings.Replace(withTLSA, "MX 10 mx", "MX 10 mx.other-key.example.", 1))
	add("bogus-host.example", text, ds)

	top, anchor := testkit.Zone{Origin: ".", Text: root}.Signed(t)
	return append(zones, top), anchor
}

// What is secure, insecure and bogus is told apart, for the domain and for its
// mail server.
func TestDNSSEC(t *testing.T) {
	t.Parallel()
	zones, anchor := signedZones(t)
	server := testkit.NSD(t, zones...)
	validating, plain := testkit.Unbound(t, server, anchor), testkit.Unbound(t, server)

	tests := []struct {
		domain, server string
		want           []string
		security       dane.Security
		host           dane.HostStatus
	}{
		{"secure.example", validating, []string{}, dane.Secure, dane.HostSecured},
		{"insecure.example", validating, []string{"dane-insecure", "dnssec-unsigned"}, dane.Insecure, dane.HostInsecure},
		{"insecure-mx.example", validating, []string{"dane-mx-insecure", "dnssec-unsigned"}, dane.Insecure, dane.HostSecured},
		{"no-ds.example", validating, []string{"dane-insecure", "dnssec-no-ds"}, dane.Insecure, dane.HostInsecure},
		{"other-key.example", validating, []string{"dane-bogus", "dnssec-bogus"}, dane.Bogus, ""},
		{"changed-mx.example", validating, []string{"dane-bogus"}, dane.Secure, ""},
		{"changed-tlsa.example", validating, []string{"dane-bogus"}, dane.Secure, dane.HostBogus},
		{"bogus-host.example", validating, []string{"dane-bogus"}, dane.Secure, dane.HostBogus},
		{"secure.example", plain, []string{"dnssec-not-validated"}, dane.Insecure, dane.HostInsecure},
		{"other-key.example", plain, []string{"dnssec-not-validated"}, dane.Insecure, dane.HostInsecure},
	}
	for _, test := range tests {
		opt := Options{Resolver: dial(t, test.server), Only: []Standard{StandardDNSSEC, StandardDANE}}
		d := Check(t.Context(), test.domain, opt)
		dnssec, _ := d.Records[StandardDNSSEC].(DNSSECRecords)
		hosts, _ := d.Records[StandardDANE].(DANERecords)
		var host dane.HostStatus
		if len(hosts.Hosts) > 0 {
			host = hosts.Hosts[0].Status
		}
		if diff := cmp.Diff(test.want, idsOf(d.Findings)); diff != "" || dnssec.Security != test.security || host != test.host {
			t.Errorf("%s: %s, its mail server %q (-want +got)\n%s%s", test.domain, dnssec.Security, host, diff, messages(d.Findings))
		}
	}
}

// Nothing is said to be missing at a domain whose signatures are broken, and
// nothing is advised.
func TestBogusDomain(t *testing.T) {
	t.Parallel()
	zones, anchor := signedZones(t)
	resolver := dial(t, testkit.Unbound(t, testkit.NSD(t, zones...), anchor))
	d := Check(t.Context(), "other-key.example", Options{Resolver: resolver})
	unknown := map[Standard]bool{}
	for _, f := range d.Findings {
		switch {
		case f.Severity == SeverityUnknown && f.Fix == "":
			unknown[f.Standard] = true
		case f.ID != "dnssec-bogus" && f.ID != "dane-bogus":
			t.Errorf("%s %s: %s, advises %q", f.Severity, f.ID, f.Message, f.Fix)
		}
	}
	for _, s := range []Standard{StandardMX, StandardSPF, StandardDKIM, StandardDMARC, StandardMTASTS, StandardTLSRPT, StandardBIMI} {
		if !unknown[s] {
			t.Errorf("%s is not unknown", s)
		}
	}
	if d.Verdict != VerdictFail {
		t.Errorf("verdict %s", d.Verdict)
	}
}
