package probe

import (
	"context"
	"slices"

	"github.com/mailctl/mailctl/pkg/delivery"
)

// A Request is what somebody wants to know about: a host, an address, or a domain
// whose mail exchangers are meant.
type Request struct {
	Name string // a name in any script, or an IP address
	// Ports are those to look at; none means 25, 587 and 465 of a host, and 25 of the
	// mail exchangers of a domain.
	Ports []int
	// Host means that the name is that of a host even if it has MX records, and Domain
	// that it is that of a domain even if it has none.
	Host, Domain bool
	// Service is what the ports are for; empty tells by their numbers.
	Service Service
}

// A Group is what was found out about a request.
type Group struct {
	Name    string
	Domain  bool     // the results are about the mail exchangers of the domain
	Results []Result // at least one
}

// Group finds the servers of a request and probes all of them at once.
func (p *Prober) Group(ctx context.Context, request Request) Group {
	endpoints, failed := p.find(ctx, request)
	if len(endpoints)+len(failed) == 0 {
		failed = []Result{lost(Endpoint{Host: request.Name, Port: firstPort(request)}, note{id: "net-no-route", what: "the host has no address of the family that is asked for"})}
	}
	g := Group{Name: request.Name, Domain: domainOf(endpoints) != "", Results: make([]Result, len(endpoints), len(endpoints)+len(failed))}
	names := make([]*delivery.AddressName, len(endpoints))
	var policy STSPolicy
	var tasks []func(context.Context)
	for i, e := range endpoints {
		tasks = append(tasks, func(ctx context.Context) { g.Results[i] = p.Probe(ctx, e) })
		if g.Domain {
			tasks = append(tasks, func(ctx context.Context) { names[i] = delivery.LookupAddressName(ctx, p.opt.Resolver, e.Addr) })
		}
	}
	if g.Domain && p.opt.Policies != nil {
		tasks = append(tasks, func(ctx context.Context) { policy = p.opt.Policies.MTASTS(ctx, domainOf(endpoints)) })
	}
	delivery.Concurrently(ctx, tasks...)
	p.judgeEgress(ctx, endpoints, g.Results)
	demote(endpoints, g.Results)
	if p.opt.Auth != nil {
		missLogin(endpoints, g.Results)
	}
	for i, e := range endpoints {
		g.Results[i].judgeName(e, names[i])
		g.Results[i].judgeSTS(e, policy)
		g.Results[i].conclude()
	}
	g.Results = append(g.Results, failed...)
	return g
}

// domainOf returns the domain whose mail exchangers the endpoints are, or "".
func domainOf(endpoints []Endpoint) string {
	if len(endpoints) == 0 {
		return ""
	}
	return endpoints[0].Domain
}

// demote makes light of servers that nobody said were there, and of addresses that
// cannot be reached from here next to one of the same host that can.
func demote(endpoints []Endpoint, results []Result) {
	for i, e := range endpoints {
		r := &results[i]
		if r.Reachable {
			continue
		}
		other := slices.ContainsFunc(results, func(o Result) bool { return o.Host == r.Host && o.Reachable })
		noRoute := len(r.Findings) == 1 && r.Findings[0].ID == "net-no-route"
		if other && (e.Optional || noRoute) {
			for j := range r.Findings {
				r.Findings[j].Severity, r.Findings[j].Fix = SeverityNotice, ""
			}
		}
	}
}
