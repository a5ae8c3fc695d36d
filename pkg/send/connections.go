package send

import (
	"errors"
	"time"

	"github.com/mailctl/mailctl/pkg/delivery"
)

// anyOpen reports whether a connection is open.
func (d *destination) anyOpen() bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.conns > 0
}

// mayOpen reports whether the destination takes one more connection.
func (d *destination) mayOpen() bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.conns < d.most
}

// dismissed counts a worker that ended because its connection is not taken.
func (d *destination) dismissed() {
	d.mu.Lock()
	d.working--
	d.mu.Unlock()
}

// opened counts a connection.
func (d *destination) opened() {
	d.health.opened()
	d.mu.Lock()
	d.conns++
	d.mu.Unlock()
}

// hungUp counts a connection that was closed.
func (d *destination) hungUp() {
	d.mu.Lock()
	d.conns--
	d.mu.Unlock()
}

// openFailed deals with a connection that could not be opened. Where others
// are open the destination takes no more than those; else it is left alone for
// a while, or the campaign pauses.
func (d *destination) openFailed(err error) {
	verdict := delivery.ClassifyError(err)
	d.mu.Lock()
	conns, before := d.conns, d.most
	if conns > 0 {
		d.most, d.fewer = conns, d.run.opt.Clock()
	}
	d.mu.Unlock()
	if conns > 0 {
		if conns < before {
			d.run.tell(Event{Kind: EventFewer, Destination: d.key, Connections: conns, Cause: err.Error()})
		}
		return
	}
	until, pause := d.health.openFailed(verdict)
	switch {
	case pause:
		d.run.stop(&Paused{Reason: PauseUnreachable, Destination: d.key, Verdict: verdict, Err: err})
	case !until.IsZero():
		d.run.tell(Event{Kind: EventWaiting, Destination: d.key, Until: until, Cause: err.Error()})
	}
}

// fewerFor is how long a destination that takes fewer connections is not offered
// one more.
const fewerFor = 30 * time.Second

// offerMore lets a destination that took fewer connections show whether it takes
// one more by now.
func (d *destination) offerMore() {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.most >= d.run.opt.PerDestination || d.run.opt.Clock().Sub(d.fewer) < fewerFor {
		return
	}
	d.most++
	d.fewer = d.run.opt.Clock()
}

// accepted notes a delivery.
func (d *destination) accepted() {
	d.offerMore()
	first, resumed := d.health.accepted()
	if first {
		d.settleHeld()
	}
	if resumed {
		d.run.tell(Event{Kind: EventResumed, Destination: d.key})
	}
}

// lost notes that the answer to a message was lost.
func (d *destination) lost(a *delivery.Attempt) {
	if d.run.hard.Err() != nil {
		return // it was us who did not wait for it
	}
	until, pause := d.health.lost()
	switch {
	case pause:
		d.run.stop(&Paused{Reason: PauseLost, Destination: d.key, Verdict: a.Verdict, Err: errors.New(a.Err)})
	case !until.IsZero():
		d.run.tell(Event{Kind: EventWaiting, Destination: d.key, Until: until, Cause: a.Err})
	}
}

// refused notes a recipient who was refused for good because of something
// other than the recipient. It reports whether it keeps the attempt, so that
// nothing is to be recorded.
func (d *destination) refused(it *item, a *delivery.Attempt) bool {
	hold, pause := d.health.refused()
	if hold {
		d.hold(it, a)
	}
	if pause {
		d.run.stop(d.refusal(a))
	}
	return hold
}
