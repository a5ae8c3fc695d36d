package send

import (
	"context"
	"slices"
)

// enter takes room for one more connection. Where there is none it waits, unless
// the queue has others that do: then it reports false.
func (g *group) enter(ctx context.Context, have bool) (bool, error) {
	g.mu.Lock()
	allowed := g.shaper.conns
	if (allowed == 0 || g.conns < allowed) && len(g.waiters) == 0 {
		g.conns++
		g.mu.Unlock()
		return true, nil
	}
	g.shaper.want()
	if have {
		g.mu.Unlock()
		return false, nil
	}
	turn := make(chan struct{}, 1)
	g.waiters = append(g.waiters, turn)
	g.mu.Unlock()
	for {
		select {
		case <-turn:
			return true, nil
		case g.wanted <- struct{}{}:
		case <-ctx.Done():
			g.giveUpTurn(turn)
			return false, context.Cause(ctx)
		}
	}
}

func (g *group) giveUpTurn(turn chan struct{}) {
	g.mu.Lock()
	i := slices.Index(g.waiters, turn)
	if i >= 0 {
		g.waiters = slices.Delete(g.waiters, i, i+1)
	}
	g.mu.Unlock()
	if i < 0 {
		g.exit() // the turn had come
	}
}

// full reports whether there is no room for one more connection, which would
// have been opened.
func (g *group) full() bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	full := g.shaper.conns > 0 && g.conns >= g.shaper.conns
	if full {
		g.shaper.want()
	}
	return full
}

// exit gives back the room of a connection.
func (g *group) exit() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.conns--
	g.call()
}

// call lets those who wait enter while there is room.
func (g *group) call() {
	for len(g.waiters) > 0 && (g.shaper.conns == 0 || g.conns < g.shaper.conns) {
		g.conns++
		g.waiters[0] <- struct{}{}
		g.waiters = g.waiters[1:]
	}
}

// crowded reports whether there are more connections than allowed, so that one
// has to go.
func (g *group) crowded() bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.shaper.conns > 0 && g.conns > g.shaper.conns
}
