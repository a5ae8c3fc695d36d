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
	for _, lane := range route.Lanes {
		left := r.group(lane).left()
		if left < 0 {
			return time.Time{}, true
		}
		left = max(left, r.healthOf(lane.Queue).left())
		if left > patience && r.apart() {
			return r.opt.Clock().Add(left), true
		}
	}
	return time.Time{}, false
}

// patience is for how long a queue of many waits in its place; longer waits are
// a rest.
const patience = 2 * time.Second
