package check_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/mailctl/mailctl/pkg/check"
	"github.com/mailctl/mailctl/pkg/dane"
	"github.com/mailctl/mailctl/pkg/delivery"
)

// variousZones are zones of which each name says how they are signed.
func variousZones(t *testing.T) map[string]signedZone {
	t.Helper()
	elsewhere := func(host string) string { return strings.Replace(withTLSA, "MX 10 mx", "MX 10 "+host, 1) }
	zones := map[string]signedZone{
		"secure.example":       publish(t, "secure.example", withTLSA, signedWell),
		"insecure.example":     publish(t, "insecure.example", withTLSA, signedNot),
		"insecure-mx.example":  publish(t, "insecure-mx.example", elsewhere("mx.secure.example."), signedNot),
		"no-ds.example":        publish(t, "no-ds.example", withTLSA, signedNoDS),
		"other-key.example":    publish(t, "other-key.example", withTLSA, signedOther),
		"changed-mx.example":   publish(t, "changed-mx.example", withTLSA, signedWell),
		"changed-tlsa.example": publish(t, "changed-tlsa.example", withTLSA, signedBefore),
		"bogus-host.example":   publish(t, "bogus-host.example", elsewhere("mx.other-key.example."), signedWell),
	}
	changed := zones["changed-mx.example"]
	changed.text = strings.Replace(changed.text, "MX\t10 mx.", "MX\t10 other.", 1)
	zones["changed-mx.example"] = changed
	return zones
}

// What is secure, insecure and bogus is told apart, for the domain and for its
// mail server.
func TestDNSSEC(t *testing.T) {
	t.Parallel()
	validating, plain := serveSigned(t, variousZones(t))

	tests := []struct {
		domain   string
		resolver delivery.Resolver
		want     []string
		security dane.Security
		host     dane.HostStatus
	}{
		{"secure.example", validating, nil, dane.Secure, dane.HostSecured},
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
		opt := check.Options{Resolver: test.resolver, Only: []check.Standard{check.StandardDNSSEC, check.StandardDANE}}
		d := check.Check(t.Context(), test.domain, opt)
		dnssec, _ := d.Records[check.StandardDNSSEC].(check.DNSSECRecords)
		hosts, _ := d.Records[check.StandardDANE].(check.DANERecords)
		var host dane.HostStatus
		if len(hosts.Hosts) > 0 {
			host = hosts.Hosts[0].Status
		}
		if diff := cmp.Diff(test.want, ids(d)); diff != "" || dnssec.Security != test.security || host != test.host {
			t.Errorf("%s: %s, its mail server %q (-want +got)\n%s%+v", test.domain, dnssec.Security, host, diff, d.Findings)
		}
	}
}

// Nothing is said to be missing at a domain whose signatures are broken, and
// nothing is advised.
func TestBogusDomain(t *testing.T) {
	t.Parallel()
	resolver, _ := serveSigned(t, variousZones(t))
	d := check.Check(t.Context(), "other-key.example", check.Options{Resolver: resolver})
	unknown := map[check.Standard]bool{}
	for _, f := range d.Findings {
		switch {
		case f.Severity == check.SeverityUnknown && f.Fix == "":
			unknown[f.Standard] = true
		case f.ID != "dnssec-bogus" && f.ID != "dane-bogus":
			t.Errorf("%s %s: %s, advises %q", f.Severity, f.ID, f.Message, f.Fix)
		}
	}
	for _, s := range []check.Standard{check.StandardMX, check.StandardSPF, check.StandardDKIM, check.StandardDMARC, check.StandardMTASTS, check.StandardTLSRPT, check.StandardBIMI} {
		if !unknown[s] {
			t.Errorf("%s is not unknown", s)
		}
	}
	if d.Verdict != check.VerdictFail {
		t.Errorf("verdict %s", d.Verdict)
	}
}
