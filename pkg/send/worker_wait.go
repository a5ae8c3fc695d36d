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
	room, err := w.takeRoomSoon()
	if err == nil || w.q.ctx.Err() != nil {
		return room, err
	}
	w.hangUp()
	return w.q.lane.Limits.Take(w.q.ctx)
}

// takeRoomSoon waits for the limits' leave for as long as the connection may be
// kept: it fails when that is idle for long, or asked for.
func (w *worker) takeRoomSoon() (delivery.Room, error) {
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
	return w.q.lane.Limits.Take(ctx)
}

// pace waits until the receiver may be given one more message, with the
// connection closed when that takes long. The error is the context's.
func (w *worker) pace() error {
	if w.q.group.tryStart() {
		return nil
	}
	soon, cancel := context.WithTimeout(w.q.ctx, w.q.run.opt.Idle)
	defer cancel()
	if err := w.q.group.start(soon); err == nil || w.q.ctx.Err() != nil {
		return err
	}
	w.hangUp()
	return w.q.group.start(w.q.ctx)
}
