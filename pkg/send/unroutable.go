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
		batch, more, failed := s.claim(ctx)
		if failed != nil {
			s.run.stop(failed)
			break
		}
		if len(batch) == 0 && !more {
			return s.restUntilDue(ctx)
		}
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
	if known, ok := errors.AsType[judged](err); ok {
		return known.Verdict()
	}
	return delivery.ClassifyError(err)
}

// judged is an error that knows what it means.
type judged interface {
	error
	Verdict() delivery.Verdict
}
