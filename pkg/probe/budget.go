package probe

import (
	"context"
	"net/netip"
	"sync"
)

// A budget bounds the connections to each address, however many domains share it.
type budget struct {
	most int

	mu    sync.Mutex
	hosts map[netip.Addr]*place // those with connections, and no others
}

// A place is the budget of one address.
type place struct {
	slots chan struct{}
	users int
}

func newBudget(most int) *budget {
	return &budget{most: most, hosts: map[netip.Addr]*place{}}
}

// take waits for its turn at an address and returns what gives it back. It reports
// false when ctx ended first.
func (b *budget) take(ctx context.Context, addr netip.Addr) (release func(), ok bool) {
	b.mu.Lock()
	at := b.hosts[addr]
	if at == nil {
		at = &place{slots: make(chan struct{}, b.most)}
		b.hosts[addr] = at
	}
	at.users++
	b.mu.Unlock()
	select {
	case at.slots <- struct{}{}:
		return func() { <-at.slots; b.leave(addr, at) }, true
	case <-ctx.Done():
		b.leave(addr, at)
		return nil, false
	}
}

func (b *budget) leave(addr netip.Addr, at *place) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if at.users--; at.users == 0 {
		delete(b.hosts, addr)
	}
}

// mostRecent is how many endpoints are remembered.
const mostRecent = 512

// A recent remembers what was last seen, so that an endpoint that serves many
// domains is connected to once.
type recent struct {
	mu    sync.Mutex
	seen  map[Endpoint]*memory
	order []Endpoint // oldest first
}

// A memory is one endpoint, being looked at or seen.
type memory struct {
	done     chan struct{} // closed when it was seen
	sighting sighting
}

func newRecent() *recent { return &recent{seen: map[Endpoint]*memory{}} }

// get returns what is remembered, or else looks.
func (r *recent) get(ctx context.Context, e Endpoint, look func() sighting) sighting {
	key := Endpoint{Host: e.Host, Addr: e.Addr, Port: e.Port, Service: e.Service}
	r.mu.Lock()
	m := r.seen[key]
	if m != nil {
		r.mu.Unlock()
		select {
		case <-m.done:
			return m.sighting
		case <-ctx.Done():
			return sighting{result: interrupted(e)}
		}
	}
	m = &memory{done: make(chan struct{})}
	r.seen[key] = m
	if r.order = append(r.order, key); len(r.order) > mostRecent {
		delete(r.seen, r.order[0])
		r.order = r.order[1:]
	}
	r.mu.Unlock()
	m.sighting = look()
	close(m.done)
	return m.sighting
}

// forget empties the memory, so that the next look is a fresh one.
func (r *recent) forget() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.seen, r.order = map[Endpoint]*memory{}, nil
}
