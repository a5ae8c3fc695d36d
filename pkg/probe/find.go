package probe

import (
	"context"
	"net/netip"
	"strings"
	"time"

	"github.com/mailctl/mailctl/pkg/delivery"
)

// find returns the endpoints of a request, and the results of those that have no
// address.
func (p *Prober) find(ctx context.Context, request Request) ([]Endpoint, []Result) {
	if addr, err := netip.ParseAddr(strings.Trim(request.Name, "[]")); err == nil {
		return p.endpoints(request, Endpoint{Host: addr.String()}, []netip.Addr{addr}), nil
	}
	name, err := delivery.DNSName(request.Name)
	if err != nil {
		return nil, []Result{lost(Endpoint{Host: request.Name, Port: PortRelay}, note{id: "net-no-such-name", what: err.Error()})}
	}
	if !request.Host {
		set := delivery.LookupMX(ctx, p.opt.Resolver, name)
		switch set.Kind {
		case delivery.MXExplicit:
			return p.exchangers(request, set)
		case delivery.MXNull:
			return nil, []Result{lost(Endpoint{Host: name, Port: PortRelay, Domain: name}, note{id: "net-null-mx", record: name + ". MX 0 ."})}
		case delivery.MXUnknown:
			return nil, []Result{lost(Endpoint{Host: name, Port: PortRelay}, note{id: "net-dns-unknown", what: "the DNS could not be asked for the mail exchangers"})}
		case delivery.MXImplicit:
			if request.Domain {
				return p.exchangers(request, set)
			}
		case delivery.MXNone, delivery.MXNoSuchDomain:
		}
	}
	v4, v6 := delivery.LookupAddrs(ctx, p.opt.Resolver, name)
	host := delivery.Exchanger{Name: name, V4: v4, V6: v6}
	e := Endpoint{Host: name}
	if len(host.Addrs()) == 0 {
		e.Port = firstPort(request)
		e.Service = ServiceOf(e.Port)
		return nil, []Result{lost(e, addressless(&host))}
	}
	return p.endpoints(request, e, host.Addrs()), nil
}

func firstPort(request Request) int {
	if len(request.Ports) > 0 {
		return request.Ports[0]
	}
	return PortRelay
}

// exchangers returns the endpoints of all mail exchangers.
func (p *Prober) exchangers(request Request, set *delivery.MXSet) ([]Endpoint, []Result) {
	if len(request.Ports) == 0 {
		request.Ports = []int{PortRelay}
	}
	var endpoints []Endpoint
	var failed []Result
	for i := range set.Hosts {
		host := &set.Hosts[i]
		e := Endpoint{Host: host.Name, Domain: set.Domain, Port: firstPort(request), Service: ServiceOf(firstPort(request))}
		switch {
		case host.Problem != "":
			failed = append(failed, lost(e, note{id: "net-invalid-name", what: "an MX record names " + host.Name + ", which is no host (" + string(host.Problem) + ")"}))
		case len(host.Addrs()) == 0:
			failed = append(failed, lost(e, addressless(host)))
		default:
			endpoints = append(endpoints, p.endpoints(request, e, host.Addrs())...)
		}
	}
	return endpoints, failed
}

// endpoints returns all ports of all addresses of a host.
func (p *Prober) endpoints(request Request, e Endpoint, addrs []netip.Addr) []Endpoint {
	ports := request.Ports
	if len(ports) == 0 {
		e.Optional = true
		ports = []int{PortRelay, PortSubmission, PortSubmissions}
	}
	var list []Endpoint
	for _, addr := range addrs {
		if addr = addr.Unmap(); p.opt.Family == 4 && !addr.Is4() || p.opt.Family == 6 && !addr.Is6() {
			continue
		}
		for _, port := range ports {
			e.Addr, e.Port, e.Service = addr, port, request.Service
			if e.Service == "" {
				e.Service = ServiceOf(port)
			}
			list = append(list, e)
		}
	}
	return list
}

// addressless says why a host has no address.
func addressless(host *delivery.Exchanger) note {
	switch {
	case host.V4.Status == delivery.LookupNoName:
		return note{id: "net-no-such-name"}
	case host.Unreachable():
		return note{id: "net-no-address"}
	}
	return note{id: "net-dns-unknown", what: "the DNS could not be asked for the host's address"}
}

// lost is the result of a server that has no address.
func lost(e Endpoint, n note) Result {
	if e.Service == "" {
		e.Service = ServiceOf(e.Port)
	}
	r := (&visit{endpoint: e}).result(time.Time{})
	r.Reachable, r.Reason, r.Stage = false, ReasonDNS, delivery.StageDNS
	r.add(e, n)
	r.conclude()
	return r
}
