package probe_test

import (
	"crypto/tls"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/mailctl/mailctl/internal/testkit"
	"github.com/mailctl/mailctl/pkg/delivery"
	"github.com/mailctl/mailctl/pkg/probe"
)

// impatient makes every wait short.
func impatient() probe.Options {
	const soon = 300 * time.Millisecond
	return probe.Options{
		LocalName: "client.example", Nudge: soon, Limit: 5 * time.Second,
		Timeouts: delivery.Timeouts{Connect: soon, Greeting: soon, Hello: soon, TLS: 2 * time.Second, Mail: soon, Rcpt: soon, Reset: soon, Quit: soon},
	}
}

// at is a server on loopback, as what it is to be judged.
func at(port int, service probe.Service) probe.Endpoint {
	return probe.Endpoint{Host: "127.0.0.1", Addr: netip.MustParseAddr("127.0.0.1"), Port: port, Service: service}
}

// ids returns the ids of the findings with their severities, in order of name.
func ids(r probe.Result) []string {
	var list []string
	for _, f := range r.Findings {
		list = append(list, f.ID+" "+string(f.Severity))
	}
	slices.Sort(list)
	return list
}

// seen checks what was found, and that everything is fit to be shown.
func seen(t *testing.T, r probe.Result, want ...string) {
	t.Helper()
	slices.Sort(want)
	if diff := cmp.Diff(want, ids(r)); diff != "" {
		t.Errorf("findings (-want +got)\n%s%+v", diff, r)
	}
	for _, f := range r.Findings {
		if rule, ok := probe.RuleOf(f.ID); !ok || rule.Standard != f.Standard || f.Message == "" || f.Subject == "" {
			t.Errorf("finding %+v", f)
		}
		if strings.ContainsFunc(f.Message+f.Record+r.Greeting, func(c rune) bool { return c < ' ' && c != '\n' }) {
			t.Errorf("control characters in %+v", f)
		}
	}
}

const opening = `
	> 220 mx.example ESMTP
	< EHLO client.example
`

const ending = `
	< QUIT
	> 221 bye
	! eof`

// Each of the ways in which a server can be broken has a finding of its own.
func TestBrokenServers(t *testing.T) {
	tests := []struct {
		name    string
		script  string
		service probe.Service
		want    []string
		reason  probe.Reason
	}{
		{"fine but open", opening + "> 250 mx.example" + ending, probe.ServiceRelay, []string{"tls-no-starttls warning"}, ""},
		{"submission without TLS", opening + "> 250-mx.example\n> 250 AUTH PLAIN" + ending, probe.ServiceSubmission, []string{"tls-no-starttls error", "auth-without-tls error"}, ""},
		{"relay with AUTH", opening + "> 250-mx.example\n> 250 AUTH PLAIN LOGIN" + ending, probe.ServiceRelay, []string{"tls-no-starttls warning", "auth-without-tls error"}, ""},
		{"554", "> 554 5.7.1 no\n! eof", probe.ServiceRelay, []string{"smtp-greeting-refused error"}, ""},
		{"421", "> 421 4.3.2 later\n! eof", probe.ServiceRelay, []string{"smtp-greeting-busy unknown"}, ""},
		{"silent", "! wait 2s", probe.ServiceRelay, []string{"smtp-greeting-timeout error"}, ""},
		{"half a greeting", "! raw \"220-mx\\r\\n\"\n! wait 1h", probe.ServiceRelay, []string{"smtp-greeting-timeout error"}, ""},
		{"reset", "! reset", probe.ServiceRelay, []string{"net-reset error"}, probe.ReasonReset},
		{"closed at once", "! close", probe.ServiceRelay, []string{"smtp-greeting-closed error"}, ""},
		{"HTTP at once", "> HTTP/1.1 400 Bad Request\n! eof", probe.ServiceRelay, []string{"smtp-speaks-http error"}, ""},
		{"another protocol", "> SSH-2.0-OpenSSH_9.9\n! eof", probe.ServiceRelay, []string{"smtp-not-smtp error"}, ""},
		{"escapes", "! raw \"220 \\x1b[31mmx\\x1b]0;owned\\x07\\r\\n\"\n< EHLO client.example\n> 250 mx.example" + ending, probe.ServiceRelay, []string{"smtp-greeting-control warning", "tls-no-starttls warning"}, ""},
		{"EHLO refused", opening + "> 550 5.7.1 who are you\n! eof", probe.ServiceRelay, []string{"smtp-ehlo-refused error"}, ""},
		{"EHLO put off", opening + "> 451 4.7.1 later\n! eof", probe.ServiceRelay, []string{"smtp-ehlo-busy unknown"}, ""},
		{"HELO only", opening + "> 502 what\n< HELO client.example\n> 250 mx.example" + ending, probe.ServiceRelay, []string{"smtp-no-ehlo warning", "tls-no-starttls warning"}, ""},
		{"EHLO unanswered", opening + "! wait 1h", probe.ServiceRelay, []string{"smtp-timeout error"}, ""},
		{"EHLO and gone", opening + "! close", probe.ServiceRelay, []string{"smtp-closed error"}, ""},
		{"EHLO and reset", opening + "! reset", probe.ServiceRelay, []string{"smtp-reset error"}, ""},
		{"EHLO and nonsense", opening + "> hello", probe.ServiceRelay, []string{"smtp-reply-malformed error"}, ""},
		{"STARTTLS refused", opening + "> 250-mx.example\n> 250 STARTTLS\n< STARTTLS\n> 454 4.7.0 not now" + ending, probe.ServiceRelay, []string{"tls-starttls-refused error"}, ""},
		{"plaintext behind STARTTLS", opening + "> 250-mx.example\n> 250 STARTTLS\n< STARTTLS\n! raw \"220 go\\r\\n250 injected\\r\\n\"\n! eof", probe.ServiceRelay, []string{"tls-buffered error"}, ""},
		{"no handshake", opening + "> 250-mx.example\n> 250 STARTTLS\n< STARTTLS\n> 220 go\n! close", probe.ServiceRelay, []string{"tls-handshake error"}, ""},
		{"no implicit TLS", "> 220 mx.example ESMTP\n! close", probe.ServiceSubmissions, []string{"tls-not-implicit error"}, ""},
		{"implicit HTTP", "! raw \"HTTP/1.1 400 Bad Request\\r\\n\\r\\n\"\n! close", probe.ServiceSubmissions, []string{"smtp-speaks-http error"}, ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			server := testkit.SMTP(t, nil, test.script)
			r := probe.New(impatient()).Probe(t.Context(), at(server.Port, test.service))
			seen(t, r, test.want...)
			if r.Reason != test.reason || r.Reachable != (test.reason == "") || r.Port != server.Port || r.Address != "127.0.0.1" {
				t.Errorf("%+v", r)
			}
		})
	}
}

// Servers that wait for the client to begin are told from silent ones.
func TestOtherProtocols(t *testing.T) {
	web := httptest.NewServer(http.NotFoundHandler())
	defer web.Close()
	private := httptest.NewUnstartedServer(http.NotFoundHandler())
	private.TLS = testkit.ServerTLS(testkit.SelfSigned(t, "127.0.0.1"))
	private.Config.ErrorLog = log.New(io.Discard, "", 0)
	private.StartTLS()
	defer private.Close()
	for server, want := range map[*httptest.Server]string{web: "smtp-speaks-http error", private: "smtp-speaks-tls error"} {
		addr := server.Listener.Addr().(*net.TCPAddr)
		r := probe.New(impatient()).Probe(t.Context(), at(addr.Port, probe.ServiceRelay))
		seen(t, r, want)
	}
}

// A greeting that comes late, but comes.
func TestSlowGreeting(t *testing.T) {
	server := testkit.SMTP(t, nil, "! wait 100ms"+opening+"> 250 mx.example"+ending)
	opt := impatient()
	opt.Timeouts.Greeting = 5 * time.Second
	begun, calls := time.Now(), 0
	opt.Now = func() time.Time { // every look at the clock is a minute later
		calls++
		return begun.Add(time.Duration(calls) * time.Minute)
	}
	r := probe.New(opt).Probe(t.Context(), at(server.Port, probe.ServiceRelay))
	seen(t, r, "smtp-greeting-slow warning", "tls-no-starttls warning")
}

func TestRefused(t *testing.T) {
	server := testkit.SMTP(t, nil, "! close")
	server.Close()
	r := probe.New(impatient()).Probe(t.Context(), at(server.Port, probe.ServiceRelay))
	seen(t, r, "net-refused error")
	if r.Reason != probe.ReasonRefused || r.Reachable || r.Verdict != probe.VerdictFail {
		t.Errorf("%+v", r)
	}
}

const underTLS = opening + `
	> 250-mx.example
	> 250 STARTTLS
	< STARTTLS
	> 220 go
	! tls
	< EHLO client.example
	> 250-mx.example
	> 250-SIZE 1000
	> 250-LIMITS RCPTMAX=7
	> 250 AUTH PLAIN
` + ending

// The facts of a good server, and its certificate judged for each purpose.
func TestFacts(t *testing.T) {
	ca := testkit.NewCA(t)
	server := testkit.SMTP(t, testkit.ServerTLS(ca.Valid(t, "127.0.0.1")), underTLS)
	opt := impatient()
	opt.Roots = ca.Pool
	r := probe.New(opt).Probe(t.Context(), at(server.Port, probe.ServiceSubmission))
	seen(t, r)
	if r.Verdict != probe.VerdictPass || !r.Reachable || r.Stage != "" || r.Error != "" {
		t.Errorf("%+v", r)
	}
	if diff := cmp.Diff(probe.Capabilities{BeforeTLS: []string{"STARTTLS"}, AfterTLS: []string{"SIZE 1000", "LIMITS RCPTMAX=7", "AUTH PLAIN"}}, r.Capabilities); diff != "" {
		t.Error(diff)
	}
	if r.Size != 1000 || r.Limits.RcptMax != 7 || !slices.Equal(r.Auth.AfterTLS, []string{"PLAIN"}) || r.Auth.WithoutTLS || r.Name != "mx.example" || r.Hello != "EHLO" {
		t.Errorf("%+v", r)
	}
	if r.TLS == nil || r.TLS.Version != "TLSv1.3" || r.TLS.Group == "" || len(r.Chain) != 2 || r.Chain[0].Key != "ECDSA P-256" || !slices.Equal(r.Chain[0].Names, []string{"127.0.0.1"}) {
		t.Errorf("%+v %+v", r.TLS, r.Chain)
	}
	if m := r.Milliseconds; m.Connect <= 0 || m.Greeting <= 0 || m.Hello <= 0 || m.StartTLS <= 0 || m.Handshake <= 0 || m.HelloTLS <= 0 || m.Quit <= 0 || m.Total < m.Handshake {
		t.Errorf("%+v", m)
	}
}

// Certificates in every broken shape (RFC 5280 §6.1, RFC 9525, RFC 9325 §4.5).
func TestCertificates(t *testing.T) {
	ca := testkit.NewCA(t)
	far := time.Now().AddDate(1, 0, 0)
	noNames := ca.Issue(t, testkit.Cert{NotAfter: far})
	cut := ca.Issue(t, testkit.Cert{Names: []string{"127.0.0.1"}, NotAfter: far})
	cut.Certificate = cut.Certificate[:1]
	tests := []struct {
		name    string
		cert    tls.Certificate
		trusted bool
		pkix    probe.PKIXStatus
		want    string
	}{
		{"expired", ca.Expired(t, "127.0.0.1"), true, probe.PKIXExpired, "cert-expired"},
		{"not yet", ca.Issue(t, testkit.Cert{Names: []string{"127.0.0.1"}, NotBefore: time.Now().Add(time.Hour), NotAfter: far}), true, probe.PKIXNotYetValid, "cert-not-yet-valid"},
		{"wrong name", ca.Issue(t, testkit.Cert{Names: []string{"mx.example"}, NotAfter: far}), true, probe.PKIXWrongName, "cert-wrong-name"},
		{"no names", noNames, true, probe.PKIXWrongName, "cert-no-names"},
		{"self-signed", testkit.SelfSigned(t, "127.0.0.1"), true, probe.PKIXSelfSigned, "cert-self-signed"},
		{"unknown authority", ca.Valid(t, "127.0.0.1"), false, probe.PKIXUntrusted, "cert-untrusted"},
		{"gap", cut, false, probe.PKIXIncomplete, "cert-incomplete-chain"},
		{"weak key", ca.Issue(t, testkit.Cert{Names: []string{"127.0.0.1"}, NotAfter: far, RSA: 1024}), true, probe.PKIXValid, "cert-weak-key"},
	}
	for _, test := range tests {
		for service, severity := range map[probe.Service]string{probe.ServiceRelay: " warning", probe.ServiceSubmission: " error"} {
			t.Run(test.name+" "+string(service), func(t *testing.T) {
				server := testkit.SMTP(t, testkit.ServerTLS(test.cert), underTLS)
				opt := impatient()
				opt.Roots = testkit.NewCA(t).Pool
				if test.trusted {
					opt.Roots = ca.Pool
				}
				r := probe.New(opt).Probe(t.Context(), at(server.Port, service))
				seen(t, r, test.want+severity)
				if r.PKIX.Status != test.pkix {
					t.Errorf("%+v", r.PKIX)
				}
			})
		}
	}
}
