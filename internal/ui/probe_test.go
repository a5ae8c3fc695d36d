package ui

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/mailctl/mailctl/pkg/probe"
)

// served is a result of a server with everything.
func served(host, address string, state probe.PKIXStatus) probe.Result {
	r := probe.Result{
		Host: host, Address: address, Port: 25, Reachable: true, Verdict: probe.VerdictPass, Hello: "EHLO", StartTLS: true,
		TLS: &probe.TLS{Version: "TLSv1.3"}, Chain: []probe.Certificate{{DaysLeft: 89, NotAfter: time.Date(2027, 2, 1, 0, 0, 0, 0, time.UTC)}},
		PKIX: probe.PKIX{Status: state}, DANE: probe.DANE{Status: probe.DANEVerified}, MTASTS: probe.MTASTS{Status: probe.STSVerified},
	}
	r.Milliseconds.Total = 123.4
	return r
}

// However long names and addresses are, nothing of a table is cut.
func TestProbeTable(t *testing.T) {
	tests := []struct {
		name    string
		results []probe.Result
		want    string
	}{
		{"short", []probe.Result{served("mx1.example.com", "192.0.2.1", probe.PKIXValid), served("mx2.example.com", "192.0.2.2", probe.PKIXExpired)}, `
  SERVER           ADDRESS    PORT  STATE  TLS  CERTIFICATE     DANE  MTA-STS
  mx1.example.com  192.0.2.1    25  pass   1.3  valid, 89 days  ok    ok
  mx2.example.com  192.0.2.2    25  pass   1.3  expired         ok    ok
`},
		{"one host", []probe.Result{served("example.com", "192.0.2.1", probe.PKIXValid)}, `
  ADDRESS    PORT  STATE  TLS  CERTIFICATE     DANE  MTA-STS   TIME
  192.0.2.1    25  pass   1.3  valid, 89 days  ok    ok       123ms
`},
		{"long names", []probe.Result{served("mail-exchanger-1.europe.example.com", "192.0.2.1", probe.PKIXValid), served("mail-exchanger-1.europe.example.com", "2001:db8::1", probe.PKIXValid), served("mx2.example.com", "192.0.2.2", probe.PKIXValid)}, `
  mail-exchanger-1.europe.example.com
  ADDRESS      PORT  STATE  TLS  CERTIFICATE     DANE  MTA-STS   TIME
  192.0.2.1      25  pass   1.3  valid, 89 days  ok    ok       123ms
  2001:db8::1    25  pass   1.3  valid, 89 days  ok    ok       123ms

  mx2.example.com
  ADDRESS    PORT  STATE  TLS  CERTIFICATE     DANE  MTA-STS   TIME
  192.0.2.2    25  pass   1.3  valid, 89 days  ok    ok       123ms
`},
		{"long address", []probe.Result{served("mx1.example.com", "2001:db8:1111:2222:3333:4444:5555:6666", probe.PKIXValid)}, `
  mx1.example.com  2001:db8:1111:2222:3333:4444:5555:6666
  PORT  STATE  TLS  CERTIFICATE     DANE  MTA-STS   TIME
    25  pass   1.3  valid, 89 days  ok    ok       123ms
`},
	}
	for _, test := range tests {
		var b strings.Builder
		p := NewProbePrinter(&b, Style{Width: 80}, "text", CheckOptions{})
		if err := p.Print(ProbedGroup{Group: probe.Group{Name: "example.com", Domain: true, Results: test.results}}); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff("example.com  pass  its mail exchangers\n"+test.want, b.String()); diff != "" {
			t.Errorf("%s (-want +got)\n%s", test.name, diff)
		}
	}
}

// What a server says is shown harmless, in every format for people.
func TestProbeHarmless(t *testing.T) {
	r := served("mx.example.com", "192.0.2.1", probe.PKIXValid)
	r.Host = "mx\x1b[31m.example.com"
	r.Findings = []probe.Finding{{ID: "smtp-greeting-refused", Severity: probe.SeverityError, Standard: probe.StandardSMTP, Subject: r.Host, Message: "no\x1b]0;owned\a", Record: "554 \x1b[2J"}}
	for _, format := range []string{"text", "github", "markdown", "json", "jsonl", "sarif"} {
		var b strings.Builder
		p := NewProbePrinter(&b, Style{Width: 80}, format, CheckOptions{})
		if err := p.Print(ProbedGroup{Group: probe.Group{Name: "x\x1b[0m", Results: []probe.Result{r}}}); err != nil {
			t.Fatal(err)
		}
		if err := p.End(); err != nil {
			t.Fatal(err)
		}
		if strings.ContainsAny(b.String(), "\x1b\a") {
			t.Errorf("%s: %q", format, b.String())
		}
	}
}
