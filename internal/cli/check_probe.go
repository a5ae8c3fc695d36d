package cli

import (
	"context"
	"errors"
	"slices"

	"github.com/spf13/pflag"

	"github.com/mailctl/mailctl/internal/ui"
	"github.com/mailctl/mailctl/pkg/check"
	"github.com/mailctl/mailctl/pkg/delivery"
	"github.com/mailctl/mailctl/pkg/probe"
)

func addCheckProbeFlags(f *pflag.FlagSet) {
	f.Bool("probe", false, "connect to the MX hosts too, and judge their certificates by DANE and MTA-STS")
	f.String("helo", "", "say there that this is `NAME` (default: this machine's name)")
	f.String("ca-file", "", "trust the authorities in `FILE` alone for their certificates")
}

// checkRules are those of check, and with live servers those of probe too.
func checkRules(live bool) []check.Rule {
	if !live {
		return check.Rules()
	}
	rules := ui.ProbeRules()
	for i := range rules {
		rules[i].Standard = liveStandard(rules[i].Standard)
	}
	return slices.Concat(check.Rules(), rules)
}

// readProbe reads the flags of --probe.
func (p *checkPlan) readProbe() error {
	s := p.s.Check
	if !s.Probe {
		if s.CAFile != "" || s.Helo != "" {
			return delivery.Hint(errors.New("--ca-file and --helo do nothing without --probe"), "give --probe as well, or leave them out")
		}
		return nil
	}
	live := &probePlan{env: p.env, s: settings{Probe: probeSettings{
		Helo: s.Helo, CAFile: s.CAFile, Timeout: usualTimeout, ConnectTimeout: usualConnectTimeout,
	}}}
	if err := live.connection(); err != nil {
		return err
	}
	p.live = &live.options
	return nil
}

// prober returns what connects to mail servers, or nil.
func (p *checkPlan) prober(access *dnsAccess) *probe.Prober {
	if p.live == nil {
		return nil
	}
	opt := *p.live
	opt.Resolver = p.options.Resolver
	opt.Policies = publishedPolicies{resolver: opt.Resolver, client: access.HTTP, now: p.env.Now}
	return probe.New(opt)
}

// probed adds to what a domain publishes what its mail servers do.
func (p *checkPlan) probed(ctx context.Context, prober *probe.Prober, d check.Domain) check.Domain {
	if prober == nil {
		return d
	}
	var results []probe.Result
	for _, r := range prober.Group(ctx, probe.Request{Name: d.Domain, Ports: []int{probe.PortRelay}, Domain: true}).Results {
		if r.Reason == probe.ReasonDNS {
			continue // that is among the findings already
		}
		results = append(results, r)
		for _, f := range r.Findings {
			f.Standard = liveStandard(f.Standard)
			if p.options.Wants(f.Standard) {
				d.Findings = append(d.Findings, f)
			}
		}
	}
	if len(results) > 0 {
		d.Records[liveRecords] = results
	}
	return check.Summed(d)
}

// liveRecords is where the records of a domain hold what its servers do.
const liveRecords = check.Standard("probe")

// liveStandard is where a finding about a server belongs among those about its
// domain.
func liveStandard(s check.Standard) check.Standard {
	if s == check.StandardDANE || s == check.StandardMTASTS {
		return s
	}
	return check.StandardMX
}
