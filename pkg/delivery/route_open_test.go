package delivery_test

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"net/netip"
	"testing"

	"github.com/mailctl/mailctl/internal/testkit"
	"github.com/mailctl/mailctl/pkg/delivery"
)

// A policerFunc is a [delivery.TLSPolicer].
type policerFunc func(host string) (delivery.TLSDemand, error)

func (f policerFunc) TLS(_ context.Context, _, host string) (delivery.TLSDemand, error) {
	return f(host)
}

const (
	openingWithoutTLS = "> 220 mx.example\n< EHLO client.example\n> 250 mx.example\n"
	openingRefused    = "> 554 5.7.1 not from there\n! eof"
)

func TestOpenRoute(t *testing.T) {
	ca := testkit.NewCA(t)
	config := testkit.ServerTLS(ca.Valid(t, "other.example"))
	withTLS := startTLSOpening + "< EHLO client.example\n> 250 mx.example\n"
	brokenTLS := "> 220 mx.example\n< EHLO client.example\n> 250-mx.example\n> 250 STARTTLS\n< STARTTLS\n> 220 go ahead\n! close"
	demandOf := func(d delivery.TLSDemand) policerFunc {
		return func(string) (delivery.TLSDemand, error) { return d, nil }
	}
	whatever := func(tls.ConnectionState) error { return nil }
	mismatch := func(tls.ConnectionState) error { return errors.New("no TLSA record matches") }
	sts := delivery.TLSDemand{Policy: "MTA-STS", Security: delivery.SecuritySTARTTLS}
	for _, tt := range []struct {
		name    string
		servers [][]string // the scripts of each target's connections; none is a port where nobody listens
		policer delivery.TLSPolicer
		host    string // that was reached
		tls     bool
		policy  string
		code    int
	}{
		{name: "dead first", servers: [][]string{nil, {openingWithoutTLS}}, host: "1.mx.example"},
		{name: "refused on one family", servers: [][]string{{openingRefused}, {openingWithoutTLS}}, host: "1.mx.example"},
		{name: "opportunistic", servers: [][]string{{withTLS}}, host: "0.mx.example", tls: true},
		{name: "broken tls", servers: [][]string{{brokenTLS, openingWithoutTLS}}, host: "0.mx.example"},
		{name: "refusal says most", servers: [][]string{{openingRefused}, nil}, code: 554},
		{
			name: "dane", servers: [][]string{{withTLS}}, host: "0.mx.example", tls: true,
			policer: demandOf(delivery.TLSDemand{Policy: "DANE", Security: delivery.SecuritySTARTTLS, Verify: whatever}),
		},
		{
			name: "dane mismatch", servers: [][]string{{startTLSOpening}}, policy: "DANE",
			policer: demandOf(delivery.TLSDemand{Policy: "DANE", Security: delivery.SecuritySTARTTLS, Verify: mismatch}),
		},
		{name: "mta-sts wrong name", servers: [][]string{{startTLSOpening}}, policy: "MTA-STS", policer: demandOf(sts)},
		{name: "mta-sts no tls", servers: [][]string{{openingWithoutTLS}}, policy: "MTA-STS", policer: demandOf(sts)},
		{
			name: "policy forbids one", servers: [][]string{nil, {openingWithoutTLS}}, host: "1.mx.example",
			policer: policerFunc(func(host string) (delivery.TLSDemand, error) {
				if host == "0.mx.example" {
					return delivery.TLSDemand{}, &delivery.TLSPolicyError{Policy: "MTA-STS", Err: errors.New("not in the policy")}
				}
				return delivery.TLSDemand{Security: delivery.SecurityOpportunistic}, nil
			}),
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			route := delivery.Route{Domain: "x.example"}
			for i, scripts := range tt.servers {
				target := delivery.Target{Host: string(rune('0'+i)) + ".mx.example", Addr: netip.MustParseAddr("127.0.0.1"), Port: closedPort(t)}
				if scripts != nil {
					target.Port = testkit.SMTP(&quietTB{TB: t}, config, scripts...).Port
				}
				route.Targets = append(route.Targets, target)
			}
			opt := delivery.Options{LocalName: "client.example", TLS: ca.ClientTLS()}
			session, err := delivery.OpenRoute(t.Context(), route, tt.policer, opt, nil)
			if tt.host != "" {
				if err != nil {
					t.Fatal(err)
				}
				if session.Host() != tt.host || (session.TLS() != "") != tt.tls {
					t.Errorf("reached %q with TLS %q", session.Host(), session.TLS())
				}
				_ = session.Close(context.WithoutCancel(t.Context()))
				return
			}
			failed, policy := new(delivery.SessionError), new(delivery.TLSPolicyError)
			if !errors.As(err, &failed) || failed.Reply.Code != tt.code {
				t.Fatalf("error %v", err)
			}
			if errors.As(err, &policy) != (tt.policy != "") || policy.Policy != tt.policy {
				t.Errorf("error %v, want one about %q", err, tt.policy)
			}
			if tt.policy != "" && policy.Verdict().Class != delivery.ClassTemporary {
				t.Errorf("verdict %+v", policy.Verdict())
			}
		})
	}
}

// closedPort returns a port where nobody listens.
func closedPort(t *testing.T) int {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = listener.Close() }()
	return listener.Addr().(*net.TCPAddr).Port
}

func TestOpenRouteNowhere(t *testing.T) {
	session, err := delivery.OpenRoute(t.Context(), delivery.Route{Domain: "x.example"}, nil, delivery.Options{LocalName: "client.example"}, nil)
	failed := new(delivery.RouteError)
	if session != nil || !errors.As(err, &failed) || !errors.Is(err, delivery.ErrNoExchanger) || failed.Domain != "x.example" {
		t.Errorf("%v, %v", session, err)
	}
}
