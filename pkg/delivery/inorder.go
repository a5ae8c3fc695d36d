package delivery

import (
	"context"
	"iter"
)

// InOrder does something with each value, in up to atOnce goroutines, and yields
// what came of it in the order of the values. It is never more than ahead values
// ahead of what was yielded, so that there may be more of them than fit into memory.
// Both numbers are at least 1.
//
// When ctx ends, nothing more is begun; what is under way is yielded. The iterator of
// the values is used in a goroutine. All goroutines have ended when the iteration
// does, also when it is broken off.
func InOrder[Value, Result any](ctx context.Context, values iter.Seq[Value], atOnce, ahead int, do func(context.Context, Value) Result) iter.Seq[Result] {
	return func(yield func(Result) bool) {
		ctx, cancel := context.WithCancel(ctx)
		defer cancel()
		places := make(chan chan Result, ahead) // of the results, in order
		go func() {
			defer close(places)
			slots := make(chan struct{}, atOnce)
			for value := range values {
				place := make(chan Result, 1)
				if !put(ctx, slots, struct{}{}) || !put(ctx, places, place) {
					return
				}
				go func() {
					result := do(ctx, value)
					<-slots
					place <- result
				}()
			}
		}()
		stopped := false
		for place := range places {
			if result := <-place; !stopped && !yield(result) {
				stopped = true
				cancel()
			}
		}
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
