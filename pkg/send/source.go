package send

import (
	"context"
	"sync"
	"time"
)

// claimSize is how many recipients are claimed at a time. A claim is synced
// to disk, and after a power cut all of it is unknown.
const claimSize = 500

// A source is the work on one destination of the store: its recipients are
// claimed and put into queues.
type source struct {
	run    *run
	key    string
	route  Route
	queues []*queue      // one for each lane
	quiet  chan struct{} // has room for one; told when something may have become due or done

	mu   sync.Mutex
	open int     // claimed and neither settled nor given up
	left []int64 // claimed and given up untried
	held []held  // refused before anything was accepted
}

// feed works on a destination until nobody is left or due, or it has to rest.
func (r *run) feed(key string) rest {
	s := &source{run: r, key: key, quiet: make(chan struct{}, 1)}
	route, err := r.route(r.soft, key)
	if err != nil {
		return s.unroutable(err)
	}
	s.route = route
	first, admitted := r.admit(route.Lanes[0], key)
	if !admitted {
		return rest{key: key}
	}
	if until, resting := r.resting(route); resting {
		return rest{key: key, until: r.worth(until), next: r.leave(first)}
	}
	r.attach(s)
	until := s.feed()
	if r.soft.Err() != nil {
		return rest{key: key}
	}
	r.detach(s)
	return rest{key: key, until: r.worth(until), next: r.leave(first)}
}

// feed claims recipients and hands them to the renderers. It returns when the
// destination goes on after a rest; the zero time is never.
func (s *source) feed() time.Time {
	ctx := s.run.soft
	for ctx.Err() == nil {
		if until, resting := s.resting(); resting {
			s.waitForInFlight(ctx)
			return until
		}
		batch, more, err := s.claim(ctx)
		if err != nil {
			s.run.stop(err)
			break
		}
		s.submit(ctx, batch)
		if more {
			continue
		}
		until, more, err := s.waitForMore(ctx)
		if err != nil {
			s.run.stop(err)
		}
		if !more {
			return until
		}
	}
	return time.Time{}
}

// resting reports whether one of the queues rests, and until when.
func (s *source) resting() (until time.Time, resting bool) {
	for _, q := range s.queues {
		if at, is := q.rests(); is {
			return at, true
		}
	}
	return time.Time{}, false
}

// submit hands a batch to the renderers, as fast as messages leave.
func (s *source) submit(ctx context.Context, batch []Recipient) {
	for i, r := range batch {
		q := s.queueOf(r)
		if q.gate.enter(q.ctx) == nil {
			place := q.line.place()
			select {
			case s.run.jobs <- job{s, q, r, place}:
				continue
			case <-ctx.Done():
				q.line.done(place, q.gate.leave)
			}
		}
		for _, rest := range batch[i:] {
			s.giveUp(rest.ID)
		}
		return
	}
}

// queueOf returns the queue of a recipient.
func (s *source) queueOf(r Recipient) *queue {
	if len(s.queues) == 1 {
		return s.queues[0]
	}
	return s.queues[s.route.Pick(r)]
}

// waitForMore waits until a deferred recipient is due and reports true. It
// reports false when none is waiting and nothing is in flight, or the next is
// due so late that the destination rests until then.
func (s *source) waitForMore(ctx context.Context) (until time.Time, more bool, err error) {
	var told time.Time
	for ctx.Err() == nil {
		if at, resting := s.resting(); resting {
			s.waitForInFlight(ctx)
			return at, false, nil
		}
		inFlight := s.inFlight()
		due, some, err := s.run.store.NextDue(ctx, s.key)
		if err != nil {
			return time.Time{}, false, err
		}
		some = some && !s.run.opt.Retry.NoWait
		if !some && inFlight == 0 && (s.refusedAll() || !s.settleHeld()) {
			return time.Time{}, false, nil
		}
		wait := time.Duration(-1)
		if some {
			wait = max(due.Sub(s.run.opt.Clock()), 0)
		}
		if some && inFlight == 0 && !s.run.apart() && !due.Equal(told) {
			told = due
			s.run.tell(Event{Kind: EventIdle, Destination: s.key, Until: due})
		}
		if some && inFlight == 0 && s.run.apart() && wait > patience {
			return due, false, nil
		}
		if s.pause(ctx, wait) {
			return time.Time{}, true, nil
		}
	}
	return time.Time{}, false, nil
}

// pause waits for a time or until something may have become due or done, and
// reports whether the time is over. A negative time has no end.
func (s *source) pause(ctx context.Context, wait time.Duration) bool {
	var expired <-chan time.Time
	if wait >= 0 {
		timer := time.NewTimer(wait)
		defer timer.Stop()
		expired = timer.C
	}
	select {
	case <-expired:
		return true
	case <-s.quiet:
		return false
	case <-ctx.Done():
		return false
	}
}

// waitForInFlight waits until everyone claimed is settled or given up.
func (s *source) waitForInFlight(ctx context.Context) {
	for ctx.Err() == nil && s.inFlight() > 0 {
		s.pause(ctx, -1)
	}
}

// inFlight returns how many recipients are claimed and on their way, without
// those whose refusal is held.
func (s *source) inFlight() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.open - len(s.held)
}

// settled says that a recipient's attempt is stored.
func (s *source) settled(deferred bool) {
	s.mu.Lock()
	s.open--
	last := s.open == len(s.held)
	s.mu.Unlock()
	if last || deferred {
		s.wake()
	}
}

func (s *source) wake() {
	select {
	case s.quiet <- struct{}{}:
	default:
	}
}

// giveUp notes a recipient that was claimed and will not be tried for now.
func (s *source) giveUp(id int64) {
	s.mu.Lock()
	s.left = append(s.left, id)
	s.open--
	last := s.open == len(s.held)
	s.mu.Unlock()
	if last {
		s.wake()
	}
}

// untried returns those who were claimed and not tried.
func (s *source) untried() []int64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, h := range s.held {
		s.left = append(s.left, h.it.recipient.ID)
	}
	s.held = nil
	return s.left
}
