package send

import (
	"context"
	"errors"
	"time"

	"github.com/mailctl/mailctl/pkg/delivery"
)

// unroutable records for everyone at a destination that there is no way to it.
// What is temporary is tried again with the first of them that is due.
func (s *source) unroutable(err error) rest {
	ctx := s.run.soft
	for ctx.Err() == nil {
		batch, failed := s.run.store.Claim(ctx, s.key, claimSize, s.run.due())
		if failed != nil {
			s.run.stop(failed)
			break
		}
		if len(batch) == 0 {
			return s.restUntilDue(ctx)
		}
		s.mu.Lock()
		s.open += len(batch)
		s.mu.Unlock()
		for _, r := range batch {
			it := &item{recipient: r, s: s}
			s.run.record(it, s.run.noRoute(it, err), false)
		}
		s.waitForInFlight(ctx)
	}
	return rest{key: s.key}
}

// restUntilDue rests until the next deferred recipient is due; for good when
// there is none.
func (s *source) restUntilDue(ctx context.Context) rest {
	due, some, err := s.run.store.NextDue(ctx, s.key)
	if err != nil {
		s.run.stop(err)
	}
	if !some || s.run.opt.Retry.NoWait {
		due = time.Time{}
	}
	return rest{key: s.key, until: due}
}

// noRoute makes an attempt of the error of a route.
func (r *run) noRoute(it *item, err error) *delivery.Attempt {
	a := r.attempt(it)
	a.Stage, a.Err = delivery.StageDNS, err.Error()
	a.Verdict = verdictOf(err)
	if route := new(delivery.RouteError); errors.As(err, &route) {
		a.Reply.Enhanced = route.Status()
	}
	a.Outcome = r.outcome(it, a.Verdict)
	return a
}

// verdictOf returns what an error means: what it says itself, if it does.
func verdictOf(err error) delivery.Verdict {
	var known judged
	if errors.As(err, &known) {
		return known.Verdict()
	}
	return delivery.ClassifyError(err)
}

// attach puts a source on the queues of its lanes, which are made where there
// are none.
func (r *run) attach(s *source) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.sources[s] = true
	for _, lane := range s.route.Lanes {
		q, ok := r.queues[lane.Queue]
		if ok {
			_, rests := q.rests()
			ok = !rests // who is still on that one ends
		}
		if !ok {
			q = newQueue(r, lane, r.groups[lane.Group])
			r.queues[lane.Queue] = q
		}
		q.sources[s] = true
		s.queues = append(s.queues, q)
	}
}

// detach takes a source off its queues, ends those that nobody uses any more,
// and gives back whoever was claimed and not tried.
func (r *run) detach(s *source) {
	var unused []*queue
	r.mu.Lock()
	delete(r.sources, s)
	for _, q := range s.queues {
		delete(q.sources, s)
		if len(q.sources) > 0 {
			continue
		}
		unused = append(unused, q)
		if r.queues[q.key] == q {
			delete(r.queues, q.key)
		}
	}
	r.mu.Unlock()
	for _, q := range unused {
		q.close()
	}
	r.release(s.untried())
}

// release gives recipients back to the store, behind every change that was given
// to the recorder before.
func (r *run) release(ids []int64) {
	if len(ids) == 0 {
		return
	}
	stored := make(chan error, 1)
	r.recorder.entries <- entry{release: ids, stored: stored}
	if err := <-stored; err != nil {
		r.stop(err)
	}
}

// restGroup makes all queues of a group rest as long as the group does.
func (r *run) restGroup(g *group) {
	r.mu.Lock()
	var all []*queue
	for _, q := range r.queues {
		if q.group == g {
			all = append(all, q)
		}
	}
	r.mu.Unlock()
	for _, q := range all {
		q.restFor(g.left())
	}
}

// healthOf returns the health of a queue, which outlives it.
func (r *run) healthOf(queue string) *health {
	r.mu.Lock()
	defer r.mu.Unlock()
	h, ok := r.healths[queue]
	if !ok {
		h = &health{clock: r.opt.Clock, retry: r.opt.Retry, apart: r.apart()}
		r.healths[queue] = h
	}
	return h
}
