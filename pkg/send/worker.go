package send

import (
	"errors"
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
	slow bool // the server took its time with the last message
	over bool // there is no room for a connection of this worker
}

// run hands over items until the queue is closed or the run ends.
func (w *worker) run() {
	defer w.hangUp()
	var current *item
	for {
		if current == nil {
			if w.over && w.q.dismiss() {
				return
			}
			w.over = false
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

// take waits for an item, and at a server that takes all mail for the limits'
// leave to send it. It returns nil at the end.
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
	if !w.q.run.apart() && w.takeRoom(it) != nil {
		w.q.giveBack(it)
		return nil
	}
	return it
}

// tryTake takes an item that may leave at once; nil when there is none.
func (w *worker) tryTake() *item {
	if w.q.ctx.Err() != nil || w.q.failedOpening() != nil || w.used+1 >= w.q.group.messages() || w.q.health.left() > 0 || w.q.group.crowded() {
		return nil
	}
	slots, ok := w.q.lane.Limits.TryTake()
	if !ok {
		return nil
	}
	var it *item
	select {
	case it = <-w.q.ready:
	default:
	}
	if it != nil && w.q.group.tryStart() {
		if it.room, ok = w.q.afford(slots); ok {
			return it
		}
	} else {
		slots.Cancel()
	}
	if it != nil {
		w.q.giveBack(it)
	}
	return nil
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
	timer := time.NewTimer(idleAtMost)
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

// begin sends the envelope of an item, on a connection that it opens where
// there is none. It reports whether the conversation goes on; if not, the item
// has been given back or recorded.
func (w *worker) begin(it *item) bool {
	if w.conn != nil && (!w.conn.Usable() || w.used >= w.q.group.messages()) {
		w.hangUp()
	}
	if err := w.q.failedOpening(); err != nil && w.q.recordOpening(it, err) {
		return false
	}
	if w.conn == nil && !w.opened(it) {
		return false
	}
	if !w.mayLeave(it) {
		w.q.giveBack(it)
		return false
	}
	if w.conn == nil && !w.opened(it) { // the wait was long
		return false
	}
	if w.suppressed(it) || !w.fits(it) {
		return false
	}
	w.announce(it)
	if err := w.conn.Begin(w.q.run.hard, it.message.Mail); err != nil {
		w.broke(it, err)
		return false
	}
	return true
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
