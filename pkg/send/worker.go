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

// A worker keeps one connection of a queue busy.
type worker struct {
	q    *queue
	conn Conn // nil while none is open
	used int  // messages handed over on conn
	over bool // there is no room for a connection of this worker
}

// run hands over items until the queue is closed or the run ends.
func (w *worker) run() {
	defer w.hangUp()
	var current *item
	for {
		if current == nil {
			if w.over {
				w.q.dismissed()
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
		w.q.giveBack(it)
		return nil
	}
	if w.conn != nil && w.q.group.crowded() {
		w.hangUp()
		w.over = w.q.anyOpen()
	}
	room, err := w.takeRoom()
	if err != nil {
		w.q.giveBack(it)
		return nil
	}
	it.room = room
	return it
}

// tryTake takes an item that may leave at once; nil when there is none.
func (w *worker) tryTake() *item {
	if w.q.ctx.Err() != nil || w.used+1 >= w.q.group.messages() || w.q.health.left() > 0 || w.q.group.crowded() {
		return nil
	}
	room, ok := w.q.lane.Limits.TryTake()
	if !ok {
		return nil
	}
	select {
	case it, ok := <-w.q.ready:
		if ok && w.q.group.tryStart() {
			it.room = room
			return it
		}
		if ok {
			w.q.giveBack(it)
		}
	default:
	}
	room.Cancel()
	return nil
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

// await takes the next item from the queue; nil at the end. A connection that
// waits too long is closed.
func (w *worker) await() *item {
	if w.q.ctx.Err() != nil {
		return nil
	}
	select {
	case it := <-w.q.ready:
		return it
	default:
	}
	w.q.idle(1)
	defer w.q.idle(-1)
	timer := time.NewTimer(w.q.run.opt.Idle)
	defer timer.Stop()
	for {
		select {
		case it := <-w.q.ready:
			return it
		case <-w.q.ctx.Done():
			return nil
		case <-timer.C:
			w.hangUp()
		case <-w.spare():
			w.hangUp()
		case <-w.spareForGroup():
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
	return w.q.run.wanted
}

// spareForGroup is spare for the other queues of the receiver.
func (w *worker) spareForGroup() <-chan struct{} {
	if w.conn == nil {
		return nil
	}
	return w.q.group.wanted
}

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

// begin sends the envelope of an item, on a connection that it opens where
// there is none. It reports whether the conversation goes on; if not, the item
// has been given back or recorded.
func (w *worker) begin(it *item) bool {
	if w.conn != nil && (!w.conn.Usable() || w.used >= w.q.group.messages()) {
		w.hangUp()
	}
	if w.conn == nil && !w.opened(it) {
		return false
	}
	if w.pace() != nil {
		w.q.giveBack(it)
		return false
	}
	if w.conn == nil && !w.opened(it) { // the wait was long
		return false
	}
	if !w.fits(it) {
		return false
	}
	w.q.run.intend(it)
	it.started = w.q.run.opt.Clock()
	if err := w.conn.Begin(w.q.run.hard, it.message.Mail); err != nil {
		w.broke(it, err)
		return false
	}
	return true
}

// opened opens a connection for an item and reports whether there is one. If
// not, the item has been given back or recorded.
func (w *worker) opened(it *item) bool {
	if err := w.q.failedOpening(); err != nil && w.q.recordOpening(it, err) {
		return false
	}
	open, err := w.open()
	if open {
		return true
	}
	if err == nil || w.q.ctx.Err() != nil || !w.q.openFailed(it, err) {
		w.q.giveBack(it)
	}
	return false
}

// open opens a connection when the queue's health and the number of connections
// allow it, and reports whether there is one. The error is that of a connection
// that could not be opened.
func (w *worker) open() (bool, error) {
	q, r := w.q, w.q.run
	if !q.anyOpen() {
		// One connection shows whether the servers can be used at all.
		select {
		case q.first <- struct{}{}:
			defer func() { <-q.first }()
		case <-q.ctx.Done():
			return false, nil
		}
	}
	if q.health.wait(q.ctx) != nil {
		return false, nil
	}
	if !q.mayOpen() {
		w.over = true
		return false, nil
	}
	entered, err := q.group.enter(q.ctx, q.anyOpen())
	if !entered {
		w.over = err == nil
		return false, nil
	}
	if !w.takeSlot() {
		q.group.exit()
		return false, nil
	}
	conn, err := q.lane.Open(q.ctx)
	if err != nil {
		<-r.slots
		q.group.exit()
		return false, err
	}
	q.opened()
	w.conn, w.used = conn, 0
	return true, nil
}

// takeSlot makes room for one more connection among all that may be open: a
// free slot, else that of a connection without work. Where there is neither,
// the destination's other connections have to do. It reports whether there is
// room.
func (w *worker) takeSlot() bool {
	r := w.q.run
	for {
		select {
		case r.slots <- struct{}{}:
			return true
		case r.wanted <- struct{}{}:
			continue
		default:
		}
		if w.q.anyOpen() {
			w.over = true
			return false
		}
		select {
		case r.slots <- struct{}{}:
			return true
		case r.wanted <- struct{}{}:
		case <-w.q.ctx.Done():
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
	_ = w.conn.Close(w.q.run.hard)
	w.conn = nil
	w.q.hungUp()
	<-w.q.run.slots
	w.q.group.exit()
}

// fits reports whether the server can take the message at all. If not, the
// item has been recorded.
func (w *worker) fits(it *item) bool {
	err := w.conn.Check(&it.message.Mail)
	if errors.Is(err, delivery.ErrNeeds8BitMIME) {
		w.q.sevenBit.Store(true)
		message, failed := w.q.run.opt.Renderer.Render(it.recipient, true)
		if failed != nil {
			w.conclude(it, w.q.run.unrenderable(it, failed))
			return false
		}
		it.message = message
		err = w.conn.Check(&it.message.Mail)
	}
	if err != nil {
		it.started = w.q.run.opt.Clock()
		w.conclude(it, w.failure(it, err))
		return false
	}
	return true
}
