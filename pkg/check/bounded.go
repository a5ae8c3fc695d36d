package check

import (
	"context"
	"sync"
	"time"

	"github.com/mailctl/mailctl/pkg/delivery"
)

// DefaultBound is a number of look-ups under way that the buffers of a common
// name server take without losing any.
const DefaultBound = 128

// boundedFor is how long a look-up counts as under way: what takes longer waits
// for some far server, and fills no buffers.
const boundedFor = 200 * time.Millisecond

// Bounded returns a resolver for [Stream] that never sends a name server more
// look-ups at once than it can take, which would lose them and wait for their
// timeouts. Less than 1 means [DefaultBound].
func Bounded(next delivery.Resolver, most int) delivery.Resolver {
	if most < 1 {
		most = DefaultBound
	}
	return &bounded{next: next, slots: make(chan struct{}, most)}
}

type bounded struct {
	next  delivery.Resolver
	slots chan struct{}
}

// Lookup implements [delivery.Resolver].
func (b *bounded) Lookup(ctx context.Context, name string, qtype uint16) delivery.Answer {
	select {
	case b.slots <- struct{}{}:
		release := sync.OnceFunc(func() { <-b.slots })
		timer := time.AfterFunc(boundedFor, release)
		defer release()
		defer timer.Stop()
	case <-ctx.Done():
	}
	return b.next.Lookup(ctx, name, qtype)
}
