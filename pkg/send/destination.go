package send

import (
	"context"
	"sync"
	"sync/atomic"
	"time"

	"github.com/mailctl/mailctl/pkg/delivery"
)

const (
	// claimSize is how many recipients are claimed at a time. A claim is synced
	// to disk, and after a power cut all of it is unknown.
	claimSize = 500
	// queuePerConnection is how many messages are rendered ahead for each
	// connection.
	queuePerConnection = 4
)

// A destination is one queue: recipients that share limits and connections.
type destination struct {
	run      *run
	key      string
	limits   delivery.Limits
	health   *health
	gate     *gate
	ready    chan *item  // rendered and waiting; never full, because of the gate
	sevenBit atomic.Bool // the server takes no 8-bit messages

	workers sync.WaitGroup
	first   chan struct{} // held while a connection is opened and none is open
	quiet   chan struct{} // has room for one; told when something may have become due or done

	mu      sync.Mutex
	open    int       // claimed and neither settled nor given up
	working int       // workers
	waiting int       // workers without an item
	most    int       // workers there may be
	fewer   time.Time // when that became fewer than allowed
	conns   int       // open connections
	closed  bool      // ready takes no more
	left    []int64   // claimed and given up untried
	held    []held    // refused before anything was accepted
}

func newDestination(r *run, key string) *destination {
	most := r.opt.PerDestination
	queue := (queuePerConnection + 2) * most // two are in each connection's hands
	return &destination{
		run:    r,
		key:    key,
		limits: r.opt.Limits(key),
		health: &health{clock: r.opt.Clock, retry: r.opt.Retry},
		gate:   newGate(queue),
		ready:  make(chan *item, queue),
		first:  make(chan struct{}, 1),
		quiet:  make(chan struct{}, 1),
		most:   most,
	}
}

// feed claims recipients and hands them to the renderers until nobody is left
// or due within this run.
func (d *destination) feed() {
	ctx := d.run.soft
	for ctx.Err() == nil {
		batch, err := d.run.store.Claim(ctx, d.key, claimSize, d.run.due())
		if err != nil {
			d.run.stop(err)
			return
		}
		if len(batch) == 0 {
			more, err := d.waitForMore(ctx)
			if err != nil {
				d.run.stop(err)
			}
			if !more {
				return
			}
			continue
		}
		d.submit(ctx, batch)
	}
}

// submit hands a batch to the renderers, as fast as messages leave.
func (d *destination) submit(ctx context.Context, batch []Recipient) {
	d.mu.Lock()
	d.open += len(batch)
	d.mu.Unlock()
	for i, r := range batch {
		if d.gate.enter(ctx) == nil {
			select {
			case d.run.jobs <- job{d, r}:
				continue
			case <-ctx.Done():
			}
		}
		for _, rest := range batch[i:] {
			d.giveUp(rest.ID)
		}
		return
	}
}

// waitForMore waits until a deferred recipient is due. It returns false when
// none is waiting and nothing is in flight.
func (d *destination) waitForMore(ctx context.Context) (bool, error) {
	var told time.Time
	for ctx.Err() == nil {
		inFlight := d.inFlight()
		due, some, err := d.run.store.NextDue(ctx, d.key)
		if err != nil {
			return false, err
		}
		some = some && !d.run.opt.Retry.NoWait
		if !some && inFlight == 0 && (d.refusedAll() || !d.settleHeld()) {
			return false, nil
		}
		wait := time.Duration(-1)
		if some {
			wait = max(due.Sub(d.run.opt.Clock()), 0)
		}
		if some && inFlight == 0 && !due.Equal(told) {
			told = due
			d.run.tell(Event{Kind: EventIdle, Destination: d.key, Until: due})
		}
		if d.pause(ctx, wait) {
			return true, nil
		}
	}
	return false, nil
}

// pause waits for a time or until something may have become due or done, and
// reports whether the time is over. A negative time has no end.
func (d *destination) pause(ctx context.Context, wait time.Duration) bool {
	var expired <-chan time.Time
	if wait >= 0 {
		timer := time.NewTimer(wait)
		defer timer.Stop()
		expired = timer.C
	}
	select {
	case <-expired:
		return true
	case <-d.quiet:
		return false
	case <-ctx.Done():
		return false
	}
}

// inFlight returns how many recipients are claimed and on their way, without
// those whose refusal is held.
func (d *destination) inFlight() int {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.open - len(d.held)
}

// enqueue makes an item ready to leave, and adds a worker when those there are
// do not keep up.
func (d *destination) enqueue(it *item) {
	d.ready <- it
	d.mu.Lock()
	defer d.mu.Unlock()
	full := len(d.run.slots) == cap(d.run.slots)
	if d.waiting > 0 || d.working >= d.most || (d.working > 0 && (full || len(d.ready) < 2*d.working)) {
		return
	}
	d.working++
	w := &worker{d: d}
	d.workers.Go(w.run)
}

// settled says that a recipient's attempt is stored.
func (d *destination) settled(deferred bool) {
	d.mu.Lock()
	d.open--
	last := d.open == len(d.held)
	d.mu.Unlock()
	if last || deferred {
		d.wake()
	}
}

func (d *destination) wake() {
	select {
	case d.quiet <- struct{}{}:
	default:
	}
}

// idle counts the workers that wait for an item.
func (d *destination) idle(n int) {
	d.mu.Lock()
	d.waiting += n
	d.mu.Unlock()
}

// giveUp notes a recipient that was claimed and will not be tried in this run.
func (d *destination) giveUp(id int64) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.left = append(d.left, id)
	d.open--
}

// giveBack puts an item that was not handed over back into the queue.
func (d *destination) giveBack(it *item) {
	it.room.Cancel()
	it.room = nil
	if it.stored != nil {
		it.stored = nil
		d.run.void(it)
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.closed {
		d.left = append(d.left, it.recipient.ID)
		d.open--
		return
	}
	d.ready <- it
}

// close ends the workers once the feeder and the renderers have ended.
func (d *destination) close() {
	d.mu.Lock()
	d.closed = true
	close(d.ready)
	d.mu.Unlock()
	d.workers.Wait()
}

// untried returns those who were claimed and not tried, after close.
func (d *destination) untried() []int64 {
	for it := range d.ready {
		d.left = append(d.left, it.recipient.ID)
	}
	for _, h := range d.held {
		d.left = append(d.left, h.it.recipient.ID)
	}
	return d.left
}
