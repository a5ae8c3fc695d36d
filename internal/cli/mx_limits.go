package cli

import (
	"context"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/mailctl/mailctl/pkg/delivery"
)

// mxLimits are the limits of --rate and --rate-for, by name. The zero value
// limits nothing.
type mxLimits struct {
	all map[string]*delivery.Limit
	// recent returns when messages were handed over to some hosts, within the
	// window of a rate.
	recent func(ctx context.Context, rate delivery.Rate, hosts func(string) bool) ([]time.Time, error)

	mu     sync.Mutex
	seeded map[string]bool
}

// of returns the limits of a route, and the name of the one that is for this
// domain's recipients and not for all that its servers take; "" when there is
// none.
func (l *mxLimits) of(ctx context.Context, route delivery.Route) (limits delivery.Limits, own string, err error) {
	short, _, _ := strings.Cut(route.Servers, "~")
	shared := []string{route.Destination, route.Servers, short}
	for i, name := range shared {
		limit, ok := l.all[name]
		if !ok || slices.Contains(shared[:i], name) {
			continue
		}
		if err := l.seed(ctx, name, limit, route); err != nil {
			return nil, "", err
		}
		limits = append(limits, limit)
	}
	for _, name := range []string{route.Domain, delivery.Provider(route.Domain)} {
		limit, ok := l.all[name]
		if ok && name != wholeCampaign && !slices.Contains(shared, name) {
			limits, own = append(limits, limit), name
		}
	}
	if limit, ok := l.all[wholeCampaign]; ok {
		limits = append(limits, limit)
	}
	return limits, own, nil
}

// seed counts what an earlier run handed to a receiver, once its hosts are known
// and before it is given anything.
func (l *mxLimits) seed(ctx context.Context, name string, limit *delivery.Limit, route delivery.Route) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.seeded[name] {
		return nil
	}
	hosts := func(host string) bool { return delivery.ProviderOf([]string{host}) == name }
	if name != route.Destination || name == route.Servers {
		hosts = func(host string) bool {
			return slices.ContainsFunc(route.Targets, func(t delivery.Target) bool { return t.Host == host })
		}
	}
	earlier, err := l.recent(ctx, limit.Rate(), hosts)
	if err != nil {
		return err
	}
	limit.Seed(earlier)
	if l.seeded == nil {
		l.seeded = map[string]bool{}
	}
	l.seeded[name] = true
	return nil
}
