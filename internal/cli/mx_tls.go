package cli

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"time"

	"github.com/mailctl/mailctl/pkg/dane"
	"github.com/mailctl/mailctl/pkg/delivery"
	"github.com/mailctl/mailctl/pkg/mtasts"
)

// tlsPolicies say which TLS mail to a domain needs: DANE first, then MTA-STS,
// which must not soften it (RFC 8461 §2), then whatever there is.
type tlsPolicies struct {
	resolver delivery.Resolver
	sts      *stsCache
	port     int
	now      func() time.Time
}

// What asks for TLS, in the words of the errors.
const (
	policyDANE = "DANE"
	policySTS  = "MTA-STS"
)

// TLS is part of [delivery.TLSPolicer].
func (p *tlsPolicies) TLS(ctx context.Context, domain, host string) (delivery.TLSDemand, error) {
	demand, err := p.dane(ctx, domain, host)
	if err != nil || demand.Policy != "" {
		return demand, err
	}
	policy := p.sts.policy(ctx, domain)
	switch {
	case policy == nil || policy.Mode != mtasts.ModeEnforce:
		return delivery.TLSDemand{Security: delivery.SecurityOpportunistic}, nil
	case !policy.Match(host):
		return demand, &delivery.TLSPolicyError{Policy: policySTS, Err: errors.New("the policy does not name this host")}
	}
	return delivery.TLSDemand{Policy: policySTS, Security: delivery.SecuritySTARTTLS}, nil
}

// dane returns what the TLSA records of a host ask for (RFC 7672 §2.2). They
// count for whoever names the host as its mail exchanger, also from a zone
// without signatures (§2.2.1).
func (p *tlsPolicies) dane(ctx context.Context, domain, host string) (delivery.TLSDemand, error) {
	found := dane.LookupHost(ctx, p.resolver, host, uint16(p.port)) //nolint:gosec // it was parsed as a port
	demand := delivery.TLSDemand{Policy: policyDANE, Security: delivery.SecuritySTARTTLS, ServerName: found.Base}
	switch found.Status {
	case dane.HostSecured:
		references := found.References(domain)
		demand.Verify = func(state tls.ConnectionState) error {
			return dane.Verify(found.Records, state.PeerCertificates, references, p.now()).Err
		}
		return demand, nil
	case dane.HostUnusable:
		demand.Verify = func(tls.ConnectionState) error { return nil }
		return demand, nil
	case dane.HostBogus, dane.HostUnknown:
		return delivery.TLSDemand{}, &delivery.TLSPolicyError{
			Policy: policyDANE, Err: fmt.Errorf("the TLSA records of %s are %s", host, found.Status),
		}
	case dane.HostNoRecord, dane.HostInsecure, dane.HostNoAddress:
	}
	return delivery.TLSDemand{}, nil
}

// enforced reports whether connections for a domain must meet a policy of its
// own.
func (p *tlsPolicies) enforced(ctx context.Context, domain string) bool {
	policy := p.sts.policy(ctx, domain)
	return policy != nil && policy.Mode == mtasts.ModeEnforce
}
