package send

import "time"

// worth returns the end of a rest, or the zero time when a run that does not wait
// leaves the destination for a later one.
func (r *run) worth(until time.Time) time.Time {
	if r.opt.Retry.NoWait && until.Sub(r.opt.Clock()) > noWaitRest {
		return time.Time{}
	}
	return until
}

// noWaitRest is the longest rest in a run that does not wait.
const noWaitRest = time.Minute

// resting reports whether one of the lanes must not be used for a while, and
// until when; the zero time is for good.
func (r *run) resting(route Route) (until time.Time, resting bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, lane := range route.Lanes {
		left := max(r.leftLocked(lane), 0)
		switch {
		case r.stoppedLocked(lane):
			return time.Time{}, true
		case left > patience && r.apart():
			return r.opt.Clock().Add(left), true
		}
	}
	return time.Time{}, false
}

// stoppedLocked reports whether a lane takes nothing more in this run. run.mu is
// held.
func (r *run) stoppedLocked(lane Lane) bool {
	if g, known := r.groups[lane.Group]; known {
		if _, forGood := g.left(); forGood {
			return true
		}
	}
	if h, known := r.healths[lane.Queue]; known && h.isStopped() {
		return true
	}
	if lane.Budget == nil {
		return false
	}
	until, closed := r.budgets[lane.Budget.Name()]
	return closed && until.IsZero()
}

// leftLocked returns for how long a lane takes nothing. run.mu is held.
func (r *run) leftLocked(lane Lane) (left time.Duration) {
	if g, known := r.groups[lane.Group]; known {
		left, _ = g.left()
	}
	if h, known := r.healths[lane.Queue]; known {
		left = max(left, h.left())
	}
	if lane.Budget != nil {
		if until := r.budgets[lane.Budget.Name()]; !until.IsZero() {
			left = max(left, until.Sub(r.opt.Clock()))
		}
	}
	return left
}

// closeBudget notes that a budget is used up until a time, and reports whether
// that is news.
func (r *run) closeBudget(name string, until time.Time) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	was, closed := r.budgets[name]
	r.budgets[name] = until
	return !closed || !was.Equal(until)
}

// patience is for how long a queue of many waits in its place; longer waits are
// a rest.
const patience = 2 * time.Second
