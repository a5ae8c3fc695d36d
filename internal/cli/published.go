package cli

import (
	"context"
	"crypto/x509"
	"math"
	"net/http"
	"time"

	"github.com/mailctl/mailctl/pkg/dane"
	"github.com/mailctl/mailctl/pkg/delivery"
	"github.com/mailctl/mailctl/pkg/mtasts"
	"github.com/mailctl/mailctl/pkg/probe"
)

// publishedPolicies look up what is published about the certificates of servers.
type publishedPolicies struct {
	resolver delivery.Resolver
	client   *http.Client // nil fetches no policies
	now      func() time.Time
}

// DANE implements [probe.Policies].
func (p publishedPolicies) DANE(ctx context.Context, e probe.Endpoint, chain []*x509.Certificate) probe.DANE {
	port := uint16(e.Port) //nolint:gosec // ports end at 65535
	host := dane.LookupHost(ctx, p.resolver, e.Host, port)
	d := probe.DANE{}
	for _, record := range host.Records {
		d.Records = append(d.Records, host.QueryName(port)+". IN TLSA "+record.String())
	}
	switch host.Status {
	case dane.HostNoRecord, dane.HostNoAddress:
		d.Status = probe.DANENone
	case dane.HostInsecure:
		d.Status = probe.DANENone
		if len(d.Records) > 0 {
			d.Why = "the records are not under DNSSEC, and do not count"
		}
	case dane.HostUnusable:
		d.Status = probe.DANEUnusable
	case dane.HostBogus:
		d.Status = probe.DANEBogus
	case dane.HostUnknown:
		d.Status, d.Why = probe.DANEUnknown, "a look-up failed"
	case dane.HostSecured:
		p.verify(&d, host, e.Domain, chain)
	}
	return d
}

// verify holds the chain against the records.
func (p publishedPolicies) verify(d *probe.DANE, host *dane.Host, domain string, chain []*x509.Certificate) {
	now := p.now()
	v := dane.Verify(host.Records, chain, host.References(domain), now)
	d.Status = map[dane.Verdict]probe.DANEStatus{
		dane.Verified: probe.DANEVerified, dane.NoMatch: probe.DANENoMatch, dane.ChainInvalid: probe.DANEChainInvalid,
		dane.NameMismatch: probe.DANENameMismatch, dane.NotVerified: probe.DANEUnusable, dane.NoChain: probe.DANENoTLS,
	}[v.Verdict]
	if v.Err != nil {
		d.Why = v.Err.Error()
	}
	if roll := v.Rollover(); v.Verdict == dane.Verified && !roll.Prepared && !roll.NewKey {
		left := int(math.Floor(chain[0].NotAfter.Sub(now).Hours() / 24))
		d.DaysLeft, d.Renewal = &left, probe.RenewalAny
		if roll.SameKey {
			d.Renewal = probe.RenewalKey
		}
	}
}

// MTASTS implements [probe.Policies].
func (p publishedPolicies) MTASTS(ctx context.Context, domain string) probe.STSPolicy {
	if p.client == nil {
		return probe.STSPolicy{}
	}
	found, err := mtasts.Discover(ctx, p.resolver, p.client, domain)
	switch {
	case err != nil:
		return probe.STSPolicy{Status: probe.STSPolicyNone}
	case found.Record.Status == mtasts.RecordUnknown:
		return probe.STSPolicy{Status: probe.STSPolicyUnknown, Why: "the look-up of its record failed"}
	case found.Fetch == nil:
		return probe.STSPolicy{Status: probe.STSPolicyNone}
	}
	policy := found.Policy()
	if policy == nil {
		return probe.STSPolicy{Status: probe.STSPolicyUnknown, Why: string(found.Fetch.Status)}
	}
	return probe.STSPolicy{Status: probe.STSPolicyFound, Mode: string(policy.Mode), Covers: policy.Match}
}
