package send

// opened opens a connection for an item and reports whether there is one. If
// not, the item has been given back or recorded.
func (w *worker) opened(it *item) bool {
	open, recorded := w.open(it)
	if !open && !recorded {
		w.q.giveBack(it)
	}
	return open
}

// open opens a connection when the queue's health and the number of connections
// allow it, and reports whether there is one. What its failure means is settled
// before another one is tried; it reports whether the item was recorded.
func (w *worker) open(it *item) (open, recorded bool) {
	q, r := w.q, w.q.run
	if !q.anyOpen() {
		// One connection shows whether the servers can be used at all.
		select {
		case q.first <- struct{}{}:
			defer func() { <-q.first }()
		case <-q.ctx.Done():
			return false, false
		}
	}
	if q.health.wait(q.ctx) != nil || q.failedOpening() != nil {
		return false, false
	}
	if !q.mayOpen() {
		w.over = true
		return false, false
	}
	entered, err := q.group.enter(q.ctx, q.anyOpen())
	if !entered {
		w.over = err == nil
		return false, false
	}
	if !w.takeSlot() {
		q.group.exit()
		return false, false
	}
	conn, err := q.lane.Open(q.ctx)
	if err != nil {
		<-r.slots
		q.group.exit()
		return false, q.ctx.Err() == nil && q.openFailed(it, err)
	}
	q.opened()
	w.conn, w.used = conn, 0
	return true, false
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
