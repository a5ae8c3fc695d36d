package probe_test

import (
	"context"
	"net/netip"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/mailctl/mailctl/internal/testkit"
	"github.com/mailctl/mailctl/pkg/delivery"
	"github.com/mailctl/mailctl/pkg/probe"
)

// patient leaves real servers the time that they want.
func patient(ca *testkit.CA) probe.Options {
	return probe.Options{LocalName: "client.example", Roots: ca.Pool, Limit: 30 * time.Second}
}

func endpointAt(t *testing.T, addr string, service probe.Service) probe.Endpoint {
	t.Helper()
	at, err := netip.ParseAddrPort(addr)
	if err != nil {
		t.Fatal(err)
	}
	return probe.Endpoint{Host: at.Addr().String(), Addr: at.Addr(), Port: int(at.Port()), Service: service}
}

// What real servers speak is seen as swaks sees it, and their logins are proved.
func TestRealServers(t *testing.T) {
	servers := []struct {
		name  string
		start func(testing.TB, testkit.MTAOptions) *testkit.MTA
	}{{"Postfix", testkit.Postfix}, {"OpenSMTPD", testkit.OpenSMTPD}, {"Exim", testkit.Exim}}
	for _, server := range servers {
		t.Run(server.name, func(t *testing.T) {
			t.Parallel()
			mta := server.start(t, testkit.MTAOptions{RequireAuth: true})
			opt := patient(mta.CA)
			opt.OpenRelay, opt.Injection = true, true
			opt.Auth = &delivery.Auth{User: mta.User, Password: mta.Password}
			r := probe.New(opt).Probe(t.Context(), endpointAt(t, mta.Addr, probe.ServiceSubmission))
			seen(t, r, "auth-login ok", "smtp-open-relay-none ok", "smtp-starttls-injection-none ok")
			if r.TLS == nil || r.TLS.Version != "TLSv1.3" || r.PKIX.Status != probe.PKIXValid || r.Hello != "EHLO" || r.Name == "" {
				t.Errorf("%+v", r)
			}
			before, after := swaks(t, mta.Addr)
			if diff := cmp.Diff(before, sorted(r.Capabilities.BeforeTLS)); diff != "" {
				t.Errorf("before TLS (-swaks +mailctl)\n%s", diff)
			}
			if diff := cmp.Diff(after, sorted(r.Capabilities.AfterTLS)); diff != "" {
				t.Errorf("under TLS (-swaks +mailctl)\n%s", diff)
			}
			opt.Auth.Password = "wrong"
			opt.OpenRelay, opt.Injection = false, false
			r = probe.New(opt).Probe(t.Context(), endpointAt(t, mta.Addr, probe.ServiceSubmission))
			seen(t, r, "auth-login-failed error")
			opt.Roots = testkit.NewCA(t).Pool
			r = probe.New(opt).Probe(t.Context(), endpointAt(t, mta.Addr, probe.ServiceSubmission))
			seen(t, r, "auth-login-unsafe error", "cert-untrusted error")
		})
	}
}

// Other ways in which real servers are set up.
func TestRealServersOtherwise(t *testing.T) {
	postfix := testkit.Postfix(t, testkit.MTAOptions{ImplicitTLS: true})
	r := probe.New(patient(postfix.CA)).Probe(t.Context(), endpointAt(t, postfix.Addr, probe.ServiceSubmissions))
	seen(t, r)
	open := testkit.Postfix(t, testkit.MTAOptions{NoTLS: true})
	opt := patient(open.CA)
	opt.OpenRelay = true
	r = probe.New(opt).Probe(t.Context(), endpointAt(t, open.Addr, probe.ServiceSubmission))
	seen(t, r, "auth-without-tls error", "tls-no-starttls error", "smtp-open-relay warning")
	if got := open.Messages(); len(got) > 0 {
		t.Errorf("messages %v", got)
	}
	r = probe.New(opt).Probe(t.Context(), endpointAt(t, open.Addr, probe.ServiceSubmissions))
	seen(t, r, "tls-not-implicit error")
	opt.Timeouts.Greeting = time.Second
	r = probe.New(opt).Probe(t.Context(), endpointAt(t, postfix.Addr, probe.ServiceRelay))
	seen(t, r, "smtp-speaks-tls error")
}

func sorted(list []string) []string {
	list = slices.Clone(list)
	slices.Sort(list)
	return list
}

// capabilityLine is a line of a reply to EHLO as swaks shows it: "<~" under TLS.
var capabilityLine = regexp.MustCompile(`(?m)^(<-|<~)  250[- ](.*)$`)

// swaks returns the capabilities that swaks sees before and under TLS.
func swaks(t *testing.T, addr string) (before, after []string) {
	t.Helper()
	host, port, _ := strings.Cut(addr, ":")
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	out, err := exec.CommandContext(ctx, testkit.Program(t, "swaks"), "--server", host, "--port", port,
		"--helo", "client.example", "--tls", "--quit-after", "EHLO").CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	lists := map[string][]string{}
	for _, m := range capabilityLine.FindAllStringSubmatch(string(out), -1) {
		lists[m[1]] = append(lists[m[1]], strings.TrimSpace(m[2]))
	}
	if len(lists["<-"]) == 0 || len(lists["<~"]) == 0 {
		t.Fatalf("swaks says\n%s", out)
	}
	return sorted(lists["<-"][1:]), sorted(lists["<~"][1:])
}
