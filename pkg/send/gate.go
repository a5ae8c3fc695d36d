package send

import (
	"context"
	"sync"
)

const (
	// queueBytes bounds the rendered messages that wait for a connection, and
	// allBytes those of many queues together.
	queueBytes = 16 << 20
	allBytes   = 256 << 20
	minQueue   = 2
)

// A gate bounds how many messages of a destination are rendered ahead, by
// number and by size, so that a slow destination holds neither memory nor the
// renderers that others need.
type gate struct {
	mu    sync.Mutex
	most  int           // by number
	bytes int           // by size
	held  int           // messages let through that are neither sent nor given up
	size  int           // octets of the message rendered last
	moved chan struct{} // has room for one; told when one left
}

func newGate(most, bytes int) *gate {
	return &gate{most: most, bytes: bytes, moved: make(chan struct{}, 1)}
}

// enter waits until one more message may be rendered. The error is the
// context's.
func (g *gate) enter(ctx context.Context) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	for !g.tryEnter() {
		select {
		case <-g.moved:
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
	g.move() // another one may wait
	return nil
}

func (g *gate) tryEnter() bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	most := g.most
	if g.size > 0 {
		most = max(minQueue, min(most, g.bytes/g.size))
	}
	if g.held >= most {
		return false
	}
	g.held++
	return true
}

// rendered notes the size of a message.
func (g *gate) rendered(size int) {
	g.mu.Lock()
	g.size = size
	g.mu.Unlock()
}

// leave says that a message was sent or given up.
func (g *gate) leave() {
	g.mu.Lock()
	g.held--
	g.mu.Unlock()
	g.move()
}

func (g *gate) move() {
	select {
	case g.moved <- struct{}{}:
	default:
	}
}
