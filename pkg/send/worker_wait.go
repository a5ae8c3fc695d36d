package send

import (
	"context"
	"sync"
)

// calm waits while the destination is left alone, with the connection closed
// when that takes long. The error is the context's.
func (w *worker) calm() error {
	if w.q.health.left() > idleAtMost {
		w.hangUp()
	}
	return w.q.health.wait(w.q.ctx)
}

// mayLeave waits for all that an item needs to leave, and reports whether it has
// it. One of many receivers takes room only once it was reached: the room is of
// others, too.
func (w *worker) mayLeave(it *item) bool {
	if w.pace() != nil || (w.q.run.apart() && w.takeRoom(it) != nil) {
		return false
	}
	var ok bool
	it.room, ok = w.q.afford(it.room.slots)
	return ok
}

// takeRoom waits for the limits' leave, with the connection closed when that
// takes long. The error is the context's.
func (w *worker) takeRoom(it *item) error {
	var ok bool
	if it.room.slots, ok = w.q.lane.Limits.TryTake(); ok {
		return nil
	}
	return w.patiently(func(ctx context.Context) (err error) {
		it.room.slots, err = w.q.lane.Limits.Take(ctx)
		return err
	})
}

// patiently waits for something, with the connection closed when that takes
// long or somebody asks for it. The error is that of the context that ended the
// wait.
func (w *worker) patiently(wait func(context.Context) error) error {
	err := w.soon(wait)
	if err == nil || w.q.ctx.Err() != nil {
		return err
	}
	w.hangUp()
	return wait(w.q.ctx)
}

// soon waits for something for as long as the connection may be kept: it fails
// when that is idle for long, or asked for.
func (w *worker) soon(wait func(context.Context) error) error {
	ctx, cancel := context.WithTimeout(w.q.ctx, idleAtMost)
	var asking sync.WaitGroup
	asking.Go(func() {
		select {
		case <-w.spare():
			cancel()
		case <-ctx.Done():
		}
	})
	defer asking.Wait()
	defer cancel()
	return wait(ctx)
}

// pace waits until the receiver may be given one more message, with the
// connection closed when that takes long. The error is the context's.
func (w *worker) pace() error {
	if w.q.group.tryStart() {
		return nil
	}
	return w.patiently(w.q.group.start)
}
