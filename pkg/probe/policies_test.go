package probe_test

import (
	"context"
	"crypto/x509"
	"testing"

	"github.com/mailctl/mailctl/internal/testkit"
	"github.com/mailctl/mailctl/internal/testkit/zonetest"
	"github.com/mailctl/mailctl/pkg/delivery"
	"github.com/mailctl/mailctl/pkg/probe"
)

// published is what a test's domain publishes.
type published struct {
	dane   probe.DANE
	policy probe.STSPolicy
}

func (p published) DANE(_ context.Context, _ probe.Endpoint, chain []*x509.Certificate) probe.DANE {
	if len(chain) == 0 && p.dane.Status == probe.DANEVerified {
		return probe.DANE{Status: probe.DANENoTLS}
	}
	return p.dane
}

func (p published) MTASTS(context.Context, string) probe.STSPolicy { return p.policy }

func sts(mode string, covered bool) probe.STSPolicy {
	return probe.STSPolicy{Status: probe.STSPolicyFound, Mode: mode, Covers: func(string) bool { return covered }}
}

// What is published decides how grave a certificate is that is not valid.
func TestPolicies(t *testing.T) {
	ca := testkit.NewCA(t)
	left, gone := 3, -1
	none := probe.STSPolicy{Status: probe.STSPolicyNone}
	tests := []struct {
		name   string
		names  string // of the certificate; empty for no TLS
		dane   probe.DANE
		policy probe.STSPolicy
		want   []string
	}{
		{"nothing", "mx2.example.com", probe.DANE{Status: probe.DANENone}, none, nil},
		{"all well", "mx2.example.com", probe.DANE{Status: probe.DANEVerified}, sts("enforce", true), []string{"dane-live-verified ok", "mtasts-live-verified ok"}},
		{"DANE makes up for a name", "other.example", probe.DANE{Status: probe.DANEVerified}, none, []string{"dane-live-verified ok", "cert-wrong-name notice"}},
		{"a name without", "other.example", probe.DANE{Status: probe.DANEUnusable}, none, []string{"cert-wrong-name warning"}},
		{"enforced", "other.example", probe.DANE{}, sts("enforce", true), []string{"cert-wrong-name warning", "mtasts-live-certificate error"}},
		{"testing", "other.example", probe.DANE{}, sts("testing", true), []string{"cert-wrong-name warning", "mtasts-live-certificate warning"}},
		{"mode none", "other.example", probe.DANE{}, sts("none", true), []string{"cert-wrong-name warning"}},
		{"not covered", "mx2.example.com", probe.DANE{}, sts("enforce", false), []string{"mtasts-live-host error"}},
		{"no policy to be had", "mx2.example.com", probe.DANE{}, probe.STSPolicy{Status: probe.STSPolicyUnknown}, []string{"mtasts-live-unknown unknown"}},
		{"no TLS", "", probe.DANE{Status: probe.DANEVerified}, sts("enforce", true), []string{"tls-no-starttls warning", "dane-live-no-tls error", "mtasts-live-no-tls error"}},
		{"mismatch", "mx2.example.com", probe.DANE{Status: probe.DANENoMatch}, none, []string{"dane-live-mismatch error"}},
		{"chain", "mx2.example.com", probe.DANE{Status: probe.DANEChainInvalid}, none, []string{"dane-live-chain error"}},
		{"name", "mx2.example.com", probe.DANE{Status: probe.DANENameMismatch}, none, []string{"dane-live-name error"}},
		{"bogus", "mx2.example.com", probe.DANE{Status: probe.DANEBogus}, none, []string{"dane-live-bogus error"}},
		{"unknown", "mx2.example.com", probe.DANE{Status: probe.DANEUnknown}, none, []string{"dane-live-unknown unknown"}},
		{"roll-over near", "mx2.example.com", probe.DANE{Status: probe.DANEVerified, DaysLeft: &left, Renewal: probe.RenewalKey}, none, []string{"dane-live-verified ok", "dane-rollover warning"}},
		{"roll-over due", "mx2.example.com", probe.DANE{Status: probe.DANEVerified, DaysLeft: &gone, Renewal: probe.RenewalAny}, none, []string{"dane-live-verified ok", "dane-rollover warning"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			script, config := relayScript, testkit.ServerTLS(ca.Valid(t, test.names))
			if test.names != "" {
				script = opening + "> 250-mx2.example.com\n> 250 STARTTLS\n< STARTTLS\n> 220 go\n! tls\n< EHLO client.example\n> 250 mx2.example.com" + ending
			}
			opt := impatient()
			opt.Dialer = &switchboard{server: testkit.SMTP(t, config, script).Addr}
			opt.Resolver = zonetest.New(t, "two.example. MX 10 mx2.example.com.\nmx2.example.com. A 192.0.2.2\n2.2.0.192.in-addr.arpa. PTR mx2.example.com.\n2.2.0.192.in-addr.arpa. PTR mx1.example.com.\n")
			opt.Roots, opt.Policies = ca.Pool, published{test.dane, test.policy}
			g := probe.New(opt).Group(t.Context(), probe.Request{Name: "two.example"})
			seen(t, g.Results[0], test.want...)
		})
	}
}

// A login that nothing came of is not passed over in silence.
func TestLoginWithoutServer(t *testing.T) {
	opt := impatient()
	opt.Resolver = zonetest.New(t, zone)
	opt.Dialer = &switchboard{server: testkit.SMTP(t, nil, relayScript).Addr, fails: map[string]error{"587": errTimeout, "465": errTimeout}}
	opt.Auth = &delivery.Auth{User: "me", Password: "secret"}
	g := probe.New(opt).Group(t.Context(), probe.Request{Name: "host.example"})
	seen(t, g.Results[0], "tls-no-starttls warning", "auth-login-unknown unknown")
}

// Every rule is explained, and has an id of its own.
func TestRules(t *testing.T) {
	seen := map[string]bool{}
	for _, r := range probe.Rules() {
		if r.ID == "" || seen[r.ID] || r.Title == "" || r.Why == "" || r.Severity == "" || r.Standard == "" {
			t.Errorf("%+v", r)
		}
		if r.Severity == probe.SeverityUnknown && r.Fix != "" && r.Standard != probe.StandardNetwork {
			t.Errorf("%s is unknown and has a fix", r.ID)
		}
		seen[r.ID] = true
	}
}
