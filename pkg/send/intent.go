package send

import "time"

// intentPatience is for how long an intent stands while the message waits to be
// handed over: longer than a server takes that is near and quick. Should the process
// die, few are then unknown who were written nothing to.
const intentPatience = 100 * time.Millisecond

// intend gives the intent to hand an item over to the recorder. Until
// item.stored has been read, the intent may not be on disk.
func (r *run) intend(it *item) {
	it.stored = make(chan error, 1)
	r.recorder.entries <- entry{change: Change{Recipient: it.recipient.ID}, item: it, stored: it.stored}
}

// void takes the intent back.
func (r *run) void(it *item) {
	r.recorder.entries <- entry{change: Change{Recipient: it.recipient.ID, Void: true}, item: it}
}

// announce gives the intent of an item whose envelope is about to leave, so that it
// is on disk by the time the message may follow. Where the server takes its time it is
// given only then.
func (w *worker) announce(it *item) {
	if !w.slow {
		w.q.run.intend(it)
	}
	it.started = w.q.run.opt.Clock()
}

// meanwhile does what may take long while an item waits to be handed over; nil is
// none. When it takes long the intent is taken back. It reports whether it did.
func (w *worker) meanwhile(it *item, wait func()) (long bool) {
	clock := w.q.run.opt.Clock
	began := clock()
	if it == nil || it.stored == nil {
		wait()
		return clock().Sub(began) > intentPatience
	}
	voided := make(chan struct{})
	timer := time.AfterFunc(intentPatience, func() {
		w.q.run.void(it)
		close(voided)
	})
	wait()
	if timer.Stop() {
		return false
	}
	<-voided
	it.stored = nil
	return true
}

// remembered waits until the intent of an item survives a crash.
func (w *worker) remembered(it *item) error {
	if it.stored == nil {
		w.q.run.intend(it)
	}
	return <-it.stored
}
