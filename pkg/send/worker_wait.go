package send

import (
	"context"
	"sync"

	"github.com/mailctl/mailctl/pkg/delivery"
)

// calm waits while the destination is left alone, with the connection closed
// when that takes long. The error is the context's.
func (w *worker) calm() error {
	if w.q.health.left() > w.q.run.opt.Idle {
		w.hangUp()
	}
	return w.q.health.wait(w.q.ctx)
}

// takeRoom waits for the limits' leave, with the connection closed when that
// takes long. The error is the context's.
func (w *worker) takeRoom() (delivery.Room, error) {
	if room, ok := w.q.lane.Limits.TryTake(); ok {
		return room, nil
	}
	var room delivery.Room
	err := w.patiently(func(ctx context.Context) (err error) {
		room, err = w.q.lane.Limits.Take(ctx)
		return err
	})
	return room, err
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
	ctx, cancel := context.WithTimeout(w.q.ctx, w.q.run.opt.Idle)
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
