package probe

import (
	"context"
	"iter"
)

// ahead is how many groups are kept behind a slow one.
const ahead = 256

// Stream looks at many requests at once and yields what was found in their order.
// The list may be longer than memory: it is never more than a few hundred
// requests ahead of what was yielded.
//
// When ctx ends, no more requests are begun; those under way are yielded. The
// iterator of the requests is used in a goroutine. All goroutines have ended when
// the iteration does, also when it is broken off.
func (p *Prober) Stream(ctx context.Context, requests iter.Seq[Request]) iter.Seq[Group] {
	return func(yield func(Group) bool) {
		ctx, cancel := context.WithCancel(ctx)
		defer cancel()
		places := make(chan chan Group, ahead)
		go p.feed(ctx, requests, places)
		stopped := false
		for place := range places {
			if g := <-place; !stopped && !yield(g) {
				stopped = true
				cancel()
			}
		}
	}
}

// feed begins groups and puts the places of their results into the queue.
func (p *Prober) feed(ctx context.Context, requests iter.Seq[Request], places chan<- chan Group) {
	defer close(places)
	under := make(chan struct{}, p.opt.Concurrency)
	for request := range requests {
		place := make(chan Group, 1)
		if !put(ctx, under, struct{}{}) || !put(ctx, places, place) {
			return
		}
		go func() {
			g := p.Group(ctx, request)
			<-under
			place <- g
		}()
	}
}

// put sends a value unless ctx ends first.
func put[T any](ctx context.Context, to chan<- T, value T) bool {
	if ctx.Err() != nil {
		return false
	}
	select {
	case to <- value:
		return true
	case <-ctx.Done():
		return false
	}
}
