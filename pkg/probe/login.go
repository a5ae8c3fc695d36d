package probe

import (
	"context"
	"crypto/tls"
	"errors"
	"slices"

	"github.com/mailctl/mailctl/pkg/delivery"
)

// proveLogin logs in on a connection of its own, as a client would that sends
// mail: with STARTTLS or implicit TLS, and a certificate that is verified.
func (p *Prober) proveLogin(ctx context.Context, v *visit, r *Result) {
	e := v.endpoint
	if e.Service == ServiceRelay && e.Optional && len(r.Auth.AfterTLS)+len(r.Auth.BeforeTLS) == 0 {
		return // people log in elsewhere, and nobody named this port
	}
	ctx, cancel := context.WithTimeout(ctx, p.opt.Limit)
	defer cancel()
	target := e.target()
	if target.Security != delivery.SecurityTLS {
		target.Security = delivery.SecuritySTARTTLS
	}
	opt := p.sessionOptions(e, p.opt.Dialer)
	opt.TLS = &tls.Config{RootCAs: p.opt.Roots, MinVersion: tls.VersionTLS12}
	opt.Auth = p.opt.Auth
	session, err := delivery.Open(ctx, target, opt)
	if err == nil {
		r.Auth.Login = "accepted"
		r.add(e, note{id: "auth-login", what: "the login of " + p.opt.Auth.User + " is accepted"})
		_ = session.Close(ctx) // goodbye is said either way
		return
	}
	r.judgeLogin(e, err)
}

// judgeLogin says why a login did not come about.
func (r *Result) judgeLogin(e Endpoint, err error) {
	r.Auth.Login = "unknown"
	n := note{id: "auth-login-unknown", record: causeText(err)}
	switch {
	case errors.Is(err, delivery.ErrAuthFailed), errors.Is(err, delivery.ErrNoAuth):
		r.Auth.Login, n.id = "refused", "auth-login-failed"
	case errors.Is(err, delivery.ErrTLSHandshake), errors.Is(err, delivery.ErrTLSRequired):
		r.Auth.Login, n.id = "not-tried", "auth-login-unsafe"
		if errors.Is(err, delivery.ErrTLSRequired) {
			n.what = "the login was not tried for want of STARTTLS"
		}
	}
	r.add(e, n)
}

// missLogin says so when no server came far enough for a login.
func missLogin(endpoints []Endpoint, results []Result) {
	if len(results) > 0 && !slices.ContainsFunc(results, func(r Result) bool { return r.Auth.Login != "" }) {
		results[0].Auth.Login = "unknown"
		results[0].add(endpoints[0], note{id: "auth-login-unknown"})
	}
}
