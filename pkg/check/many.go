package check

import (
	"context"
	"iter"
)

// ahead is how many results are kept behind a slow domain, for each that is
// checked at once.
const ahead = 8

// Stream checks many domains, up to concurrency of them at once, and yields what
// was found in the order of the domains. It is never more than eight times that
// many domains ahead of what was yielded, so that the list may be longer than
// memory. A concurrency below 1 means 1.
//
// When ctx ends, no more domains are begun; those under way are yielded. The
// iterator of the domains is used in a goroutine. All goroutines have ended when
// the iteration does, also when it is broken off.
func Stream(ctx context.Context, domains iter.Seq[string], concurrency int, check func(ctx context.Context, domain string) Domain) iter.Seq[Domain] {
	concurrency = max(concurrency, 1)
	return func(yield func(Domain) bool) {
		ctx, cancel := context.WithCancel(ctx)
		defer cancel()
		s := stream{
			check: check,
			queue: make(chan chan Domain, ahead*concurrency),
			slots: make(chan struct{}, concurrency),
		}
		go s.feed(ctx, domains)
		stopped := false
		for result := range s.queue {
			if d := <-result; !stopped && !yield(d) {
				stopped = true
				cancel()
			}
		}
	}
}

// A stream is one run of [Stream].
type stream struct {
	check func(context.Context, string) Domain
	queue chan chan Domain // the places of the results, in order; closed after the last
	slots chan struct{}    // one for each check under way
}

// feed begins checks and puts the places of their results into the queue.
func (s *stream) feed(ctx context.Context, domains iter.Seq[string]) {
	defer close(s.queue)
	for domain := range domains {
		if !put(ctx, s.slots, struct{}{}) {
			return
		}
		result := make(chan Domain, 1)
		if !put(ctx, s.queue, result) {
			return
		}
		go func() {
			d := s.check(ctx, domain)
			<-s.slots
			result <- d
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
