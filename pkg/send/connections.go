package send

import (
	"errors"
	"time"

	"github.com/mailctl/mailctl/pkg/delivery"
)

// anyOpen reports whether a connection is open.
func (q *queue) anyOpen() bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.conns > 0
}

// mayOpen reports whether the destination takes one more connection.
func (q *queue) mayOpen() bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.conns < q.most
}

// dismiss lets a worker go whose connection is not taken, and reports whether it
// may: the last one stays.
func (q *queue) dismiss() bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.working == 1 {
		return false
	}
	q.working--
	return true
}

// opened counts a connection.
func (q *queue) opened() {
	q.health.opened()
	q.mu.Lock()
	q.conns++
	q.mu.Unlock()
}

// hungUp counts a connection that was closed.
func (q *queue) hungUp() {
	q.mu.Lock()
	q.conns--
	q.mu.Unlock()
}

// openFailed deals with a connection that could not be opened for an item. Where
// others are open the server takes no more than those; else it is left alone for
// a while, or the campaign pauses. It reports whether the item was recorded.
func (q *queue) openFailed(it *item, err error) bool {
	verdict := verdictOf(err)
	q.mu.Lock()
	conns, before := q.conns, q.most
	if conns > 0 {
		q.most, q.fewer = conns, q.run.opt.Clock()
	}
	q.mu.Unlock()
	if conns > 0 {
		if conns < before {
			q.run.tell(Event{Kind: EventFewer, Destination: q.key, Connections: conns, Cause: err.Error()})
		}
		return false
	}
	until, pause := q.health.openFailed(verdict)
	if pause && q.run.apart() {
		q.giveUpOpening(err)
	}
	recorded := q.run.apart() && q.recordOpening(it, err)
	switch {
	case pause && q.run.apart():
	case pause:
		q.run.stop(&Paused{Reason: PauseUnreachable, Destination: q.key, Verdict: verdict, Err: err})
	case !until.IsZero():
		q.leftAlone(until, err.Error())
	}
	return recorded
}

// recordOpening records what a failed opening means for the item it was for,
// unless it was about pace alone: then it tells the group, and reports false.
func (q *queue) recordOpening(it *item, err error) bool {
	a := q.opening(it, err)
	throttled := false
	switch {
	case q.failedOpening() == nil:
		throttled = q.group.complained(complaintOf(a, 0))
		it.throttled++
		if throttled && it.throttled <= maxThrottled {
			return false
		}
	case !q.run.opt.Retry.NoWait:
		a.Outcome = delivery.OutcomeBounced // the time for retries was over before their turn came
	}
	it.room.Cancel()
	q.gate.leave()
	q.run.record(it, a, throttled)
	return true
}

// giveUpOpening says that no connection is tried any more in this run: everyone
// is told why.
func (q *queue) giveUpOpening(err error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.hopeless = err
}

// failedOpening returns why no connection is tried any more, or nothing more given
// to the receiver; nil as long as something is.
func (q *queue) failedOpening() error {
	q.mu.Lock()
	err := q.hopeless
	q.mu.Unlock()
	if err != nil {
		return err
	}
	return q.group.givenUp()
}

// leftAlone says that the server is left alone until a time; for good when that
// is too long for a run that does not wait.
func (q *queue) leftAlone(until time.Time, cause string) {
	wait := max(until.Sub(q.run.opt.Clock()), 0) // it may be over when the machine was busy or asleep
	if q.run.opt.Retry.NoWait && wait > noWaitRest {
		q.run.tell(Event{Kind: EventStopped, Destination: q.key, Cause: cause})
		q.rest(time.Time{})
		return
	}
	q.run.tell(Event{Kind: EventWaiting, Destination: q.key, Until: until, Cause: cause})
	q.restFor(wait)
}

// fewerFor is how long a destination that takes fewer connections is not offered
// one more.
const fewerFor = 30 * time.Second

// offerMore lets a destination that took fewer connections show whether it takes
// one more by now.
func (q *queue) offerMore() {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.most >= q.run.opt.PerDestination || q.run.opt.Clock().Sub(q.fewer) < fewerFor {
		return
	}
	q.most++
	q.fewer = q.run.opt.Clock()
}

// accepted notes a delivery.
func (q *queue) accepted(it *item) {
	q.offerMore()
	q.group.accepted()
	q.run.refusals.Store(0)
	q.run.proven.Store(true)
	first, resumed := q.health.accepted()
	if first {
		it.s.settleHeld()
	}
	if resumed {
		q.run.tell(Event{Kind: EventResumed, Destination: q.key})
	}
}

// lost notes that the answer to a message was lost.
func (q *queue) lost(a *delivery.Attempt) {
	if q.run.hard.Err() != nil {
		return // it was us who did not wait for it
	}
	until, pause := q.health.lost()
	switch {
	case pause && q.run.apart():
		q.run.tell(Event{Kind: EventStopped, Destination: q.key, Cause: a.Err})
		q.restForGood()
	case pause:
		q.run.stop(&Paused{Reason: PauseLost, Destination: q.key, Verdict: a.Verdict, Err: errors.New(a.Err)})
	case !until.IsZero():
		q.leftAlone(until, a.Err)
	}
}

// refused notes a recipient who was refused for good because of something
// other than the recipient. It reports whether it keeps the attempt, so that
// nothing is to be recorded.
func (q *queue) refused(it *item, a *delivery.Attempt) bool {
	hold, pause := q.health.refused()
	if q.run.apart() {
		pause = q.run.refusals.Add(1) >= refusalsEverywhere
	}
	if hold {
		it.s.hold(it, a)
	}
	if pause {
		q.run.stop(refusal(q.key, a))
	}
	return hold
}
