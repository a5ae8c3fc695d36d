package delivery

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
)

// A TLSDemand is what a policy asks of the connection with one host.
type TLSDemand struct {
	// Policy is what asks, for people: "DANE", "MTA-STS"; empty when nothing does.
	Policy string
	// Security is SecurityOpportunistic or SecuritySTARTTLS.
	Security Security
	// Verify and ServerName are those of [Target].
	Verify     func(tls.ConnectionState) error
	ServerName string
}

// A TLSPolicer knows which TLS mail to a domain needs.
type TLSPolicer interface {
	// TLS returns what is asked of a mail exchanger of a domain. An error says that
	// mail must not be handed to that host, for now or at all.
	TLS(ctx context.Context, domain, host string) (TLSDemand, error)
}

// ErrTLSPolicy means that a host did not meet the policy of a domain, so that no
// mail was handed to it. It comes in a [*TLSPolicyError].
var ErrTLSPolicy = errors.New("the TLS policy is not met")

// A TLSPolicyError is why a host was passed over: a policy forbids it, or the
// connection is not what the policy asks for.
type TLSPolicyError struct {
	Policy string // "DANE" or "MTA-STS"
	Err    error  // never nil
}

// Error returns, for example, "MTA-STS: tls handshake failed: …".
func (e *TLSPolicyError) Error() string { return e.Policy + ": " + e.Err.Error() }

// Unwrap returns the cause, and [ErrTLSPolicy].
func (e *TLSPolicyError) Unwrap() []error { return []error{ErrTLSPolicy, e.Err} }

// Status returns the enhanced status code for it (RFC 3463 §3.8).
func (e *TLSPolicyError) Status() EnhancedCode { return EnhancedCode{4, 7, 5} }

// Verdict returns what the error means. It is temporary: both policies want mail
// to wait until they are met (RFC 7672 §2.2, RFC 8461 §5).
func (e *TLSPolicyError) Verdict() Verdict {
	v := errorVerdict(ClassTemporary, ReasonTLSFailed)
	v.Bounce = BounceSoft
	v.Ref = map[string]string{"DANE": "RFC 7672 §2.2", "MTA-STS": "RFC 8461 §5"}[e.Policy]
	return v
}

// OpenRoute opens a session with the first target of a route that takes one. A
// target that cannot be reached, refuses in the opening or does not meet the
// policy is passed over for the next: the other family's address, then the next
// host. Where TLS is opportunistic and fails, the same target is tried without.
//
// Told, when not nil, hears of every target that was tried, with a nil error for
// the last one that worked. The error is that of the target that said most: a
// refusal before a policy, a policy before a failure of the network. Of a route
// without targets it is a [*RouteError] that wraps [ErrNoExchanger].
func OpenRoute(ctx context.Context, route Route, policer TLSPolicer, opt Options, told func(Target, error)) (*Session, error) {
	if told == nil {
		told = func(Target, error) {}
	}
	var worst error
	demands := map[string]demanded{}
	for _, target := range route.Targets {
		d, known := demands[target.Host]
		if !known {
			d = demand(ctx, policer, route.Domain, target.Host)
			demands[target.Host] = d
		}
		session, err := openTarget(ctx, target, d, opt)
		if err == nil {
			told(target, nil)
			return session, nil
		}
		if ctx.Err() != nil {
			return nil, err
		}
		told(target, err)
		if telling(err) > telling(worst) {
			worst = err
		}
	}
	if worst == nil {
		return nil, &RouteError{Domain: route.Domain, Err: ErrNoExchanger}
	}
	return nil, worst
}

// demanded is the answer of a policer about one host.
type demanded struct {
	TLSDemand
	err error
}

func demand(ctx context.Context, policer TLSPolicer, domain, host string) demanded {
	if policer == nil {
		return demanded{TLSDemand: TLSDemand{Security: SecurityOpportunistic}}
	}
	d, err := policer.TLS(ctx, domain, host)
	return demanded{d, err}
}

// openTarget opens a session that meets the demand.
func openTarget(ctx context.Context, target Target, d demanded, opt Options) (*Session, error) {
	if d.err != nil {
		return nil, &SessionError{Stage: StageDNS, Host: target.Host, Err: d.err}
	}
	target.Security, target.Verify, target.ServerName = d.Security, d.Verify, d.ServerName
	session, err := Open(ctx, target, opt)
	failed := new(SessionError)
	if err == nil || !errors.As(err, &failed) || failed.Stage != StageTLS || ctx.Err() != nil {
		return session, err
	}
	if d.Policy != "" {
		failed.Err = &TLSPolicyError{Policy: d.Policy, Err: failed.Err}
		return nil, failed
	}
	target.Security = SecurityNone // RFC 7435 §4: cleartext is what there is without TLS
	session, plain := Open(ctx, target, opt)
	if plain != nil {
		return nil, fmt.Errorf("%w (and without TLS: %w)", err, plain)
	}
	return session, nil
}

// telling says how much an error tells about why a route failed.
func telling(err error) int {
	failed := new(SessionError)
	switch {
	case err == nil:
		return 0
	case errors.As(err, &failed) && !failed.Reply.IsZero():
		return 3
	case errors.Is(err, ErrTLSPolicy):
		return 2
	default:
		return 1
	}
}
