package send

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/mailctl/mailctl/pkg/delivery"
)

// maxReturns is how often a message may come back from a connection that broke
// before it was handed over, until that counts as an attempt.
const maxReturns = 20

// A worker keeps one connection to a destination busy.
type worker struct {
	d    *destination
	conn Conn // nil while none is open
	used int  // messages handed over on conn
	over bool // the destination takes no connection of this worker
}

// run hands over items until the queue is closed or the run ends.
func (w *worker) run() {
	defer w.hangUp()
	var current *item
	for {
		if current == nil {
			if w.over {
				w.d.dismissed()
				return
			}
			if current = w.take(); current == nil {
				return
			}
			if !w.begin(current) {
				current = nil
				continue
			}
		}
		current = w.exchange(current)
	}
}

// take waits for an item and for the limits' leave to send it. It returns nil
// at the end.
func (w *worker) take() *item {
	it := w.await()
	if it == nil {
		return nil
	}
	if err := w.calm(); err != nil {
		w.d.giveBack(it)
		return nil
	}
	room, err := w.takeRoom()
	if err != nil {
		w.d.giveBack(it)
		return nil
	}
	it.room = room
	return it
}

// tryTake takes an item that may leave at once; nil when there is none.
func (w *worker) tryTake() *item {
	if w.d.run.soft.Err() != nil || w.used+1 >= w.d.run.opt.PerConnection || w.d.health.left() > 0 {
		return nil
	}
	room, ok := w.d.limits.TryTake()
	if !ok {
		return nil
	}
	select {
	case it, ok := <-w.d.ready:
		if ok {
			it.room = room
			return it
		}
	default:
	}
	room.Cancel()
	return nil
}

// await takes the next item from the queue; nil at the end. A connection that
// waits too long is closed.
func (w *worker) await() *item {
	if w.d.run.soft.Err() != nil {
		return nil
	}
	select {
	case it := <-w.d.ready:
		return it
	default:
	}
	w.d.idle(1)
	defer w.d.idle(-1)
	timer := time.NewTimer(w.d.run.opt.Idle)
	defer timer.Stop()
	for {
		select {
		case it := <-w.d.ready:
			return it
		case <-w.d.run.soft.Done():
			return nil
		case <-timer.C:
			w.hangUp()
		case <-w.spare():
			w.hangUp()
		}
	}
}

// spare returns what asks for the connection while it has no work; nil, which
// never does, when there is no connection.
func (w *worker) spare() <-chan struct{} {
	if w.conn == nil {
		return nil
	}
	return w.d.run.wanted
}

// calm waits while the destination is left alone, with the connection closed
// when that takes long. The error is the context's.
func (w *worker) calm() error {
	if w.d.health.left() > w.d.run.opt.Idle {
		w.hangUp()
	}
	return w.d.health.wait(w.d.run.soft)
}

// takeRoom waits for the limits' leave, with the connection closed when that
// takes long. The error is the context's.
func (w *worker) takeRoom() (delivery.Room, error) {
	if room, ok := w.d.limits.TryTake(); ok {
		return room, nil
	}
	room, err := w.takeRoomSoon()
	if err == nil || w.d.run.soft.Err() != nil {
		return room, err
	}
	w.hangUp()
	return w.d.limits.Take(w.d.run.soft)
}

// takeRoomSoon waits for the limits' leave for as long as the connection may be
// kept: it fails when that is idle for long, or asked for.
func (w *worker) takeRoomSoon() (delivery.Room, error) {
	ctx, cancel := context.WithTimeout(w.d.run.soft, w.d.run.opt.Idle)
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
	return w.d.limits.Take(ctx)
}

// begin sends the envelope of an item, on a connection that it opens where
// there is none. It reports whether the conversation goes on; if not, the item
// has been given back or recorded.
func (w *worker) begin(it *item) bool {
	if w.conn != nil && (!w.conn.Usable() || w.used >= w.d.run.opt.PerConnection) {
		w.hangUp()
	}
	if w.conn == nil && !w.open() {
		w.d.giveBack(it)
		return false
	}
	if !w.fits(it) {
		return false
	}
	w.d.run.intend(it)
	it.started = w.d.run.opt.Clock()
	if err := w.conn.Begin(w.d.run.hard, it.message.Mail); err != nil {
		w.broke(it, err)
		return false
	}
	return true
}

// open opens a connection when the destination's health and the number of
// connections allow it, and reports whether there is one.
func (w *worker) open() bool {
	d, r := w.d, w.d.run
	if !d.anyOpen() {
		// One connection shows whether the destination can be used at all.
		select {
		case d.first <- struct{}{}:
			defer func() { <-d.first }()
		case <-r.soft.Done():
			return false
		}
	}
	if d.health.wait(r.soft) != nil {
		return false
	}
	if !d.mayOpen() {
		w.over = true
		return false
	}
	if !w.takeSlot() {
		return false
	}
	conn, err := r.opt.Transport.Open(r.soft, d.key)
	if err != nil {
		<-r.slots
		if r.soft.Err() == nil {
			d.openFailed(err)
		}
		return false
	}
	d.opened()
	w.conn, w.used = conn, 0
	return true
}

// takeSlot makes room for one more connection among all that may be open: a
// free slot, else that of a connection without work. Where there is neither,
// the destination's other connections have to do. It reports whether there is
// room.
func (w *worker) takeSlot() bool {
	r := w.d.run
	for {
		select {
		case r.slots <- struct{}{}:
			return true
		case r.wanted <- struct{}{}:
			continue
		default:
		}
		if w.d.anyOpen() {
			w.over = true
			return false
		}
		select {
		case r.slots <- struct{}{}:
			return true
		case r.wanted <- struct{}{}:
		case <-r.soft.Done():
			return false
		}
	}
}

// hangUp closes the connection, if one is open.
func (w *worker) hangUp() {
	if w.conn == nil {
		return
	}
	// A QUIT that fails changes nothing: what was handed over has its reply.
	_ = w.conn.Close(w.d.run.hard)
	w.conn = nil
	w.d.hungUp()
	<-w.d.run.slots
}

// fits reports whether the server can take the message at all. If not, the
// item has been recorded.
func (w *worker) fits(it *item) bool {
	err := w.conn.Check(&it.message.Mail)
	if errors.Is(err, delivery.ErrNeeds8BitMIME) {
		w.d.sevenBit.Store(true)
		message, failed := w.d.run.opt.Renderer.Render(it.recipient, true)
		if failed != nil {
			w.conclude(it, w.d.run.unrenderable(it, failed))
			return false
		}
		it.message = message
		err = w.conn.Check(&it.message.Mail)
	}
	if err != nil {
		it.started = w.d.run.opt.Clock()
		w.conclude(it, w.failure(it, err))
		return false
	}
	return true
}
