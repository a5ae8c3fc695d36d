package send

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"time"

	"github.com/mailctl/mailctl/pkg/delivery"
)

// queuePerConnection is how many messages are rendered ahead for each
// connection.
const queuePerConnection = 4

// A queue holds messages that share connections, of one source or of several.
type queue struct {
	run    *run
	key    string
	lane   Lane
	group  *group
	health *health
	gate   *gate
	line   line
	ready  chan *item // rendered and waiting; never full, because of the gate

	// ctx ends when the queue rests, or with the run's soft one. What is in flight
	// is finished all the same.
	ctx      context.Context //nolint:containedctx // of the run, for the time of the queue
	cancel   context.CancelFunc
	sevenBit atomic.Bool // the server takes no 8-bit messages

	workers sync.WaitGroup
	first   chan struct{} // held while a connection is opened and none is open

	sources map[*source]bool // who fills it; guarded by run.mu

	mu      sync.Mutex
	working int       // workers
	waiting int       // workers without an item
	most    int       // workers there may be
	fewer   time.Time // when that became fewer than allowed
	conns   int       // open connections
	closed  bool      // ready takes no more
	rested  bool      // it takes no more until a time
	until   time.Time // zero is for good

	hopeless error // why no connection is tried any more; nil while one is
}

// newQueue makes a queue. run.mu is held.
func newQueue(r *run, lane Lane) *queue {
	g := r.groupLocked(lane)
	g.queues++
	most := r.opt.PerDestination
	if known := lane.Shape.Connections; known > 0 {
		most = min(most, known)
	}
	size := (queuePerConnection + 2) * most // two are in each connection's hands
	q := &queue{
		run: r, key: lane.Queue, lane: lane, group: g,
		gate:    newGate(size, r.queueBytes()),
		ready:   make(chan *item, size),
		first:   make(chan struct{}, 1),
		sources: map[*source]bool{},
		most:    most,
	}
	q.gate.rendered(int(r.largest.Load()))
	q.ctx, q.cancel = context.WithCancel(r.soft)
	h, ok := r.healths[lane.Queue]
	if !ok {
		h = &health{clock: r.opt.Clock, retry: r.opt.Retry, apart: r.apart()}
		r.healths[lane.Queue] = h
	}
	q.health = h
	return q
}

// enqueue makes an item ready to leave, and adds a worker when those there are
// do not keep up.
func (q *queue) enqueue(it *item) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.rested {
		q.gate.leave()
		it.s.giveUp(it.recipient.ID)
		return
	}
	q.ready <- it
	full := len(q.run.slots) == cap(q.run.slots)
	if q.waiting > 0 || q.working >= q.most || (q.working > 0 && (full || len(q.ready) < 2*q.working || q.group.full())) {
		return
	}
	q.working++
	w := &worker{q: q}
	q.workers.Go(w.run)
}

// idle counts the workers that wait for an item.
func (q *queue) idle(n int) {
	q.mu.Lock()
	q.waiting += n
	q.mu.Unlock()
}

// giveBack puts an item that was not handed over back into the queue.
func (q *queue) giveBack(it *item) {
	it.room.Cancel()
	if it.stored != nil {
		it.stored = nil
		q.run.void(it)
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.closed || q.rested {
		q.gate.leave()
		it.s.giveUp(it.recipient.ID)
		return
	}
	q.ready <- it
}

// restFor makes the queue of one receiver of many rest for a time when that is long.
func (q *queue) restFor(wait time.Duration) {
	if q.run.apart() && wait > patience {
		q.rest(q.run.opt.Clock().Add(wait))
	}
}

// restForGood makes the queue of one receiver of many rest for the rest of the run.
func (q *queue) restForGood() {
	if q.run.apart() {
		q.rest(time.Time{})
	}
}

// rest makes the queue rest until a time, the zero one for good: the messages that
// wait in it are given up for now, so that they hold up nobody else.
func (q *queue) rest(until time.Time) {
	q.mu.Lock()
	if q.rested || q.closed {
		q.mu.Unlock()
		return
	}
	q.rested, q.until = true, until
	q.drain()
	q.mu.Unlock()
	q.cancel()
	q.run.mu.Lock()
	defer q.run.mu.Unlock()
	for s := range q.sources {
		s.wake()
	}
}

// drain gives up what is ready. q.mu is held.
func (q *queue) drain() {
	for {
		select {
		case it, ok := <-q.ready:
			if !ok {
				return
			}
			q.gate.leave()
			it.s.giveUp(it.recipient.ID)
		default:
			return
		}
	}
}

// rests reports whether the queue rests, and until when.
func (q *queue) rests() (until time.Time, rests bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.until, q.rested
}

// close ends the workers once nobody fills the queue any more, and gives up
// what is left.
func (q *queue) close() {
	q.mu.Lock()
	q.closed = true
	close(q.ready)
	q.mu.Unlock()
	q.workers.Wait()
	q.mu.Lock()
	q.drain()
	q.mu.Unlock()
	q.cancel()
	q.run.forget(q)
}

// forget lets go of a queue, and of the health and the group that have nothing to
// remember.
func (r *run) forget(q *queue) {
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.open, q)
	q.group.queues--
	if _, used := r.queues[q.key]; !used && r.apart() && q.health.unremarkable() {
		delete(r.healths, q.key)
	}
	r.forgetGroup(q.group)
}

// opening makes an attempt of a connection that could not be opened. Before
// there is a connection nothing says that a recipient is refused, but that the
// server takes no mail at all (RFC 7504).
func (q *queue) opening(it *item, err error) *delivery.Attempt {
	a := q.run.attempt(it)
	a.Stage = delivery.StageConnect
	a.Verdict = verdictOf(err)
	a.Err = err.Error()
	if failed := new(delivery.SessionError); errors.As(err, &failed) {
		a.Stage, a.Host, a.IP = failed.Stage, failed.Host, failed.IP
		if !failed.Reply.IsZero() {
			a.Reply, a.Err = failed.Reply, ""
		}
	}
	if policy := new(delivery.TLSPolicyError); errors.As(err, &policy) {
		a.Reply.Enhanced = policy.Status()
	}
	if a.Verdict.Class == delivery.ClassPermanent && a.Verdict.Reason != delivery.ReasonDomainNoMail {
		a.Verdict.Class, a.Verdict.Bounce = delivery.ClassTemporary, delivery.BounceSoft
	}
	a.Outcome = q.run.outcome(it, a.Verdict)
	return a
}
