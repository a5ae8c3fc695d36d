package cli

import (
	"context"
	"math/rand/v2"
	"net"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/mailctl/mailctl/pkg/delivery"
	"github.com/mailctl/mailctl/pkg/send"
)

// A mxRouter finds the way to each recipient's domain: it is how --via mx: sends.
type mxRouter struct {
	resolver delivery.Resolver
	policies *tlsPolicies
	options  delivery.Options
	port     int
	sources  sources
	shapes   shapes
	limits   *mxLimits
	warming  *warming // nil without a plan
	campaign string
	now      func() time.Time
	opened   func(*delivery.Session) // told of each

	mu   sync.Mutex
	dead map[string]time.Time // addresses that could not be reached, until when they come last
}

// Addresses that could not be reached come last for a while.
const (
	deadFor = 5 * time.Minute
	maxDead = 4096
	// mxConnect is how long one address may take to answer, since there are others.
	mxConnect = 30 * time.Second
)

// Route is part of [send.Router].
func (x *mxRouter) Route(ctx context.Context, domain string) (send.Route, error) {
	route, err := x.find(ctx, domain)
	if err != nil {
		return send.Route{}, err
	}
	receiver := x.shapes.receiver(route.Destination)
	lane := send.Lane{Queue: route.Servers, Group: route.Destination, Shape: receiver.Shape}
	// Who shares connections must ask the same of them.
	if x.policies.enforced(ctx, domain) {
		lane.Queue += "/" + domain
	}
	limits, own, err := x.limits.of(ctx, route)
	if err != nil {
		return send.Route{}, err
	}
	lane.Limits = limits
	if own != "" && !strings.Contains(lane.Queue, "/") {
		lane.Queue += "/" + own
	}
	if budget := x.warming.of(domain, route.Targets[0].Host); budget != nil {
		lane.Budget = budget
		if route.Destination == route.Servers {
			lane.Queue += "/" + budget.Name() // the domain alone says which
		}
	}
	return x.lanes(route, lane)
}

// lanes makes a lane for each address that can be sent from.
func (x *mxRouter) lanes(route delivery.Route, lane send.Lane) (send.Route, error) {
	if len(x.sources) == 0 {
		lane.Open = x.opener(route.Domain, &net.Dialer{})
		return send.Route{Lanes: []send.Lane{lane}}, nil
	}
	usable := x.sources.fitting(route.Targets)
	if len(usable) == 0 {
		return send.Route{}, notReached(route.Domain, x.sources[0].addr)
	}
	result := send.Route{Pick: func(r send.Recipient) int { return usable.pick(x.campaign, r.Address.Key()) }}
	for _, source := range usable {
		from := lane
		from.Open = x.opener(route.Domain, &net.Dialer{LocalAddr: &net.TCPAddr{IP: source.addr.AsSlice()}})
		if len(x.sources) > 1 {
			from.Queue += " from " + source.addr.String()
			from.Group += " from " + source.addr.String()
		}
		result.Lanes = append(result.Lanes, from)
	}
	return result, nil
}

// opener returns what opens connections for a domain. The way is looked up again
// each time, so that a long campaign follows the DNS.
func (x *mxRouter) opener(domain string, dialer *net.Dialer) func(context.Context) (send.Conn, error) {
	return func(ctx context.Context) (send.Conn, error) {
		route, err := x.find(ctx, domain)
		if err != nil {
			return nil, err
		}
		x.deadLast(route.Targets)
		if local, ok := dialer.LocalAddr.(*net.TCPAddr); ok {
			addr := local.AddrPort().Addr().Unmap()
			if route.Targets = ofFamily(route.Targets, addr); len(route.Targets) == 0 {
				return nil, notReached(domain, addr)
			}
		}
		opt := x.options
		opt.Dialer = dialer
		opt.Timeouts.Connect = mxConnect
		session, err := delivery.OpenRoute(ctx, route, x.policies, opt, x.note)
		if err != nil {
			return nil, err
		}
		x.opened(session)
		return session, nil
	}
}

// find looks the way to a domain up.
func (x *mxRouter) find(ctx context.Context, domain string) (delivery.Route, error) {
	return delivery.RouteMX(ctx, x.resolver, domain, delivery.MXOptions{Port: x.port, Shuffle: rand.Shuffle})
}

// note remembers addresses that cannot be reached.
func (x *mxRouter) note(target delivery.Target, err error) {
	key := target.Addr.String()
	x.mu.Lock()
	defer x.mu.Unlock()
	switch {
	case err == nil:
		delete(x.dead, key)
	case unreachable(err):
		if len(x.dead) >= maxDead {
			clear(x.dead)
		}
		x.dead[key] = x.now().Add(deadFor)
	}
}

// deadLast moves addresses that could not be reached lately behind the others.
func (x *mxRouter) deadLast(targets []delivery.Target) {
	x.mu.Lock()
	defer x.mu.Unlock()
	now := x.now()
	rank := func(t delivery.Target) int {
		if now.Before(x.dead[t.Addr.String()]) {
			return 1
		}
		return 0
	}
	slices.SortStableFunc(targets, func(a, b delivery.Target) int { return rank(a) - rank(b) })
}
