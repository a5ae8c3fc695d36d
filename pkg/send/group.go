package send

import (
	"context"
	"sync"
	"time"

	"github.com/mailctl/mailctl/pkg/delivery"
)

// A group is what queues of one receiver share: its pace, its connections, and
// how many destinations are worked on at once.
type group struct {
	run  *run
	name string

	wanted chan struct{} // asks a connection without work to make room for another queue

	mu      sync.Mutex
	shaper  *shaper
	conns   int
	waiters []chan struct{} // queues that want a connection, in their order
	sources int             // destinations that are worked on
	parked  []string        // destinations that wait for one of them to end
	refused time.Time       // since when nothing was accepted and all was too much; zero is not now
	given   error           // why nothing more is tried; nil while something is

	queues int // that are open; guarded by run.mu
}

func newGroup(r *run, name string, lane Lane) *group {
	g := &group{run: r, name: name, wanted: make(chan struct{}), shaper: newShaper(lane.Shape, r.opt.PerDestination)}
	g.shaper.apart = r.apart()
	return g
}

// sourcesPerGroup is how many destinations of one receiver are worked on at
// once.
const sourcesPerGroup = 16

func (g *group) admit(destination string) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.run.apart() && g.sources >= sourcesPerGroup {
		g.parked = append(g.parked, destination)
		return false
	}
	g.sources++
	return true
}

func (g *group) leave() (next []string) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.sources--
	if len(g.parked) > 0 {
		next, g.parked = g.parked[:1:1], g.parked[1:]
	}
	return next
}

// left returns for how long nothing may start, or that nothing may for the rest of
// the run.
func (g *group) left() (wait time.Duration, forGood bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	switch {
	case g.shaper.stopped:
		return 0, true
	case g.given != nil:
		return 0, false // everyone is told
	}
	return max(g.shaper.paused.Sub(g.run.opt.Clock()), 0), false
}

// messages returns how many messages one connection carries.
func (g *group) messages() int {
	g.mu.Lock()
	defer g.mu.Unlock()
	most := g.run.opt.PerConnection
	if learned := g.shaper.messages; learned > 0 {
		most = min(most, learned)
	}
	return most
}

// tryStart starts a message if one may start now.
func (g *group) tryStart() bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.tryStartLocked() == 0
}

func (g *group) tryStartLocked() time.Duration {
	now := g.run.opt.Clock()
	wait := g.shaper.wait(now)
	if wait == 0 {
		g.shaper.start(now)
	}
	return wait
}

// start waits until a message may start, and starts it. The error is the
// context's.
func (g *group) start(ctx context.Context) error {
	for {
		g.mu.Lock()
		wait := g.tryStartLocked()
		g.mu.Unlock()
		if wait == 0 {
			return nil
		}
		timer := time.NewTimer(wait)
		select {
		case <-timer.C:
		case <-ctx.Done():
			timer.Stop()
			return context.Cause(ctx)
		}
	}
}

// accepted notes a delivery.
func (g *group) accepted() {
	g.mu.Lock()
	g.refused, g.given = time.Time{}, nil
	events := g.shaper.accepted(g.run.opt.Clock())
	g.call()
	g.mu.Unlock()
	g.tell(events)
}

// complained notes a reply, and reports whether it is about pace or standing.
// Queues rest while the group is paused.
func (g *group) complained(c complaint) (throttled bool) {
	g.mu.Lock()
	now := g.run.opt.Clock()
	events, throttled := g.shaper.complained(now, c)
	if throttled && g.run.apart() {
		events = append(events, g.lost(now, c)...)
	}
	g.mu.Unlock()
	g.tell(events)
	for _, e := range events {
		if e.Kind == EventStopped || e.Kind == EventWaiting {
			g.run.restGroup(g)
		}
	}
	return throttled
}

// lost gives a receiver up that has said for as long as there are retries that
// all is too much: everyone is told so. A run that does not wait leaves them for
// a later one. g.mu is held.
func (g *group) lost(now time.Time, c complaint) []Event {
	if g.refused.IsZero() {
		g.refused = now
	}
	retry := g.run.opt.Retry
	switch took := now.Sub(g.refused); {
	case g.given != nil || g.shaper.stopped:
		return nil
	case retry.NoWait && took > noWaitRest:
		g.shaper.stopped = true
	case took > retry.For:
		g.given = &delivery.SessionError{Stage: c.stage, Host: c.host, IP: c.ip, Reply: c.reply, Err: delivery.ErrRefused}
	default:
		return nil
	}
	return []Event{{Time: now, Kind: EventStopped, Cause: c.reply.String()}}
}

// givenUp returns why nothing more is tried; nil while something is.
func (g *group) givenUp() error {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.given
}

func (g *group) tell(events []Event) {
	for _, e := range events {
		e.Destination = g.name
		g.run.tell(e)
	}
}
