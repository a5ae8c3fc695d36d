package cli

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/mailctl/mailctl/internal/ledger"
	"github.com/mailctl/mailctl/internal/ui"
	"github.com/mailctl/mailctl/pkg/delivery"
	"github.com/mailctl/mailctl/pkg/send"
	"github.com/mailctl/mailctl/pkg/warmup"
)

// A warming holds one run of a campaign to one day of a warm-up plan.
type warming struct {
	*followedPlan
	day warmup.Date

	mu   sync.Mutex
	next time.Time // when somebody who waits may go on; zero while nobody does
}

// warm returns what --warmup asks for, nil when it says nothing, and what ends it.
// No other process sends under a plan meanwhile.
func (m *mailing) warm(ctx context.Context, c *console, l *ledger.Ledger) (w *warming, end func() error, err error) {
	opt := m.s.Send
	switch {
	case opt.Warmup == "" && opt.Adapt:
		return nil, nil, delivery.Hint(errors.New("--adapt does nothing without --warmup"), "give --warmup PLAN as well, or leave it out")
	case opt.Warmup == "":
		return nil, func() error { return nil }, nil
	}
	if end, err = l.BeginWarming(ctx); err != nil {
		return nil, nil, unfinished(err)
	}
	if w, err = m.readWarming(ctx, c, l); err != nil {
		return nil, nil, errors.Join(err, end())
	}
	return w, end, nil
}

// readWarming reads the plan and what may still leave today.
func (m *mailing) readWarming(ctx context.Context, c *console, l *ledger.Ledger) (*warming, error) {
	opt := m.s.Send
	p, err := openPlan(opt.Warmup)
	if err != nil {
		return nil, err
	}
	now := m.env.Now()
	var counted ledger.DailyQuery
	if m.via.trial() {
		counted.Rehearsal = m.name() // it keeps to the caps as if it were real
	}
	followed, err := followPlan(ctx, l, p, now, counted, opt.Adapt)
	if err != nil {
		return nil, err
	}
	w := &warming{followedPlan: followed, day: warmup.DateOf(now)}
	caps := w.plan.CapsOn(now)
	if first, ahead := planBegins(p, w.day); ahead {
		return nil, unfinished(delivery.Hint(fmt.Errorf("the plan %q has not begun", opt.Warmup),
			fmt.Sprintf("run the same command again on %s, or make a plan with an earlier --from", first)))
	}
	if last, over := planEnded(w.plan, w.day); over {
		c.warn(planOver(opt.Warmup, last) + "; " + afterPlan)
	}
	if caps.Day == 0 {
		return nil, unfinished(delivery.Hint(fmt.Errorf("the plan %q sends nothing today", opt.Warmup),
			fmt.Sprintf("run the same command again on %s", caps.Next)))
	}
	if !slices.Contains(w.plan.Providers(), warmup.Other) {
		c.warn(fmt.Sprintf("%s has no share for %q: whoever is with none of its providers waits", opt.Warmup, warmup.Other))
	}
	total := 0
	for _, n := range w.budget.Left(now) {
		total += n
	}
	c.say(fmt.Sprintf("warm-up day %d of %d: %s may still leave today", caps.Day, len(w.plan.Days), ui.Plural(total, "message")))
	return w, nil
}

// of returns the budget of a domain's recipients, whose mail a host takes if that
// is known; nil without a plan.
func (w *warming) of(domain, host string) send.Budget {
	if w == nil {
		return nil
	}
	key := w.plan.Key(domain) // a queue may have the name of a provider
	if key == warmup.Other {
		key = warmupKey(w.plan, domain, host)
	}
	return share{w, key}
}

// waitsUntil returns when somebody who waits may go on; zero when nobody waits.
func (w *warming) waitsUntil() time.Time {
	if w == nil {
		return time.Time{}
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.next
}

// A share is a provider's part of a warming. It is a [send.Budget].
type share struct {
	*warming
	key string
}

// Take is part of [send.Budget]. A run is for one day: the next one begins with
// a look at what came of it.
func (s share) Take(now time.Time) (again time.Time, ok bool) {
	if warmup.DateOf(now) == s.day {
		if again, ok = s.budget.Take(s.key, now); ok || warmup.DateOf(again) == s.day {
			return again, ok
		}
	} else {
		again = now
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.next.IsZero() || again.Before(s.next) {
		s.next = again
	}
	return time.Time{}, false
}

// GiveBack is part of [send.Budget].
func (s share) GiveBack(taken time.Time) { s.budget.GiveBack(s.key, taken) }

// Name is part of [send.Budget].
func (s share) Name() string { return s.key }
