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

// TestProbeFacts shows what --verbose adds, nothing a server sends as a command to
// the terminal.
func TestProbeFacts(t *testing.T) {
	r := served("mx1.example.com", "192.0.2.1", probe.PKIXValid)
	r.Greeting, r.Name, r.Size = "220 mx1 \x1b[2J", "mx1.example.com", 1000
	r.Capabilities = probe.Capabilities{BeforeTLS: []string{"STARTTLS"}, AfterTLS: []string{"PIPELINING", "AUTH PLAIN"}}
	r.Auth = probe.Mechanisms{BeforeTLS: []string{"LOGIN"}, AfterTLS: []string{"PLAIN"}, WithoutTLS: true}
	r.TLS.Cipher = "TLS_AES_128_GCM_SHA256"
	r.Chain[0].Subject, r.Chain[0].Names, r.Chain[0].Key = "CN=mx1", []string{"mx1.example.com", "mx2.example.com"}, "RSA 2048"
	r.Chain = append(r.Chain, probe.Certificate{Subject: "CN=Authority", NotAfter: r.Chain[0].NotAfter})
	r.Milliseconds.Connect = 1.25
	closed := probe.Result{Host: "mx2.example.com", Port: 25, Reason: probe.ReasonDNS}
	var b strings.Builder
	p := NewProbePrinter(&b, Style{Width: 80}, "text", CheckOptions{Verbose: true})
	if err := p.Print(ProbedGroup{Group: probe.Group{Name: "example.com", Domain: true, Results: []probe.Result{r, closed}}}); err != nil {
		t.Fatal(err)
	}
	want := `
  mx1.example.com [192.0.2.1]:25
  greeting     220 mx1 \x1b[2J
  name         mx1.example.com
  before TLS   STARTTLS
  under TLS    PIPELINING, AUTH PLAIN
  TLS          TLSv1.3, TLS_AES_128_GCM_SHA256
  certificate  CN=mx1, RSA 2048, for mx1.example.com mx2.example.com, until
               2027-02-01
  issued by    CN=Authority, until 2027-02-01
  AUTH         PLAIN; without TLS LOGIN
  SIZE         1000 octets
  time         connect 1.2ms, in all 123.4ms
`
	if !strings.HasSuffix(b.String(), want) {
		t.Errorf("not at the end:\n%s\nof\n%s", want, b.String())
	}
}
