package send

import (
	"context"
	"sync"
	"time"

	"github.com/mailctl/mailctl/pkg/delivery"
)

const (
	// refusalsToPause is how many recipients in a row may be refused for a cause
	// that is not theirs before the campaign pauses.
	refusalsToPause = 10
	// refusalsEverywhere is the same for all receivers together, when none of them
	// accepts anything in between.
	refusalsEverywhere = 30
	// deferralsToWait is how many temporary failures in a row make a destination
	// be left alone for a while.
	deferralsToWait = 20
	// lossesToWait and lossesToPause are how many answers in a row may be lost
	// before a destination is left alone for a while, and before the campaign
	// pauses.
	lossesToWait  = 3
	lossesToPause = 10
	// opensToPause is how often in a row a destination that never worked in this
	// run may fail to open.
	opensToPause = 3

	firstWait = time.Second
	// firstWaitApart is the same where others can be served meanwhile.
	firstWaitApart = 30 * time.Second
	maxWait        = 5 * time.Minute
)

// A health is what a destination's answers say about the destination itself.
// It decides when to leave it alone and when to give up.
type health struct {
	clock func() time.Time
	retry Retry
	apart bool // one receiver of many: it never pauses the campaign

	mu        sync.Mutex
	proven    bool      // something was accepted in this run
	refusals  int       // in a row
	deferrals int       // in a row
	losses    int       // of answers to messages, in a row
	failures  int       // to open, in a row
	waits     int       // in a row
	failing   time.Time // since when no connection opens
	until     time.Time // left alone until then
	stopped   bool      // for good, since answers are lost
}

// wait returns when the destination may be used again. The error is the
// context's.
func (h *health) wait(ctx context.Context) error {
	for {
		left := h.left()
		if left <= 0 || ctx.Err() != nil {
			return context.Cause(ctx)
		}
		timer := time.NewTimer(left)
		select {
		case <-timer.C:
		case <-ctx.Done():
			timer.Stop()
			return context.Cause(ctx)
		}
	}
}

// accepted notes a delivery. It reports whether it was the first of this run,
// and whether the destination had been left alone before it.
func (h *health) accepted() (first, resumed bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	first, resumed = !h.proven, h.waits > 0
	h.proven = true
	h.refusals, h.deferrals, h.losses, h.failures, h.waits = 0, 0, 0, 0, 0
	h.failing = time.Time{}
	return first, resumed
}

// opened notes that a connection could be opened.
func (h *health) opened() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.failures, h.failing = 0, time.Time{}
}

// openFailed notes that no connection could be opened while none was. It
// returns until when the destination is left alone now, the zero time when it
// already is, or that the campaign must pause.
func (h *health) openFailed(v delivery.Verdict) (until time.Time, pause bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	now := h.clock()
	if h.failing.IsZero() {
		h.failing = now
	}
	if now.Before(h.until) {
		return time.Time{}, false // it failed beside another one
	}
	h.failures++
	hopeless := h.failures >= opensToPause && (!h.proven || h.retry.NoWait)
	if h.apart {
		hopeless = h.failures >= opensToPause && h.retry.NoWait || now.Sub(h.failing) > h.retry.For
	}
	if !h.apart && (v.Class == delivery.ClassPermanent || now.Sub(h.failing) > h.retry.For) || hopeless {
		return time.Time{}, true
	}
	return h.leaveAlone(now), false
}

// refused notes that a recipient was refused for good because of something
// other than the recipient. It reports whether the attempt should be held back,
// since nothing was accepted yet, and whether the campaign must pause.
func (h *health) refused() (hold, pause bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.refusals++
	if h.apart {
		return false, false
	}
	return !h.proven, h.refusals >= refusalsToPause
}

// deferred notes a temporary failure. It returns a time when the destination
// is to be left alone, else the zero time.
func (h *health) deferred() (until time.Time) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.deferrals++
	now := h.clock()
	if h.deferrals < deferralsToWait || now.Before(h.until) {
		return time.Time{}
	}
	h.deferrals = 0
	return h.leaveAlone(now)
}

// lost notes that the answer to a message was lost. It returns a time when the
// destination is to be left alone, else the zero time, and whether now nothing
// more must be given to it. What is lost while it is left alone had been handed over
// before: a server that goes down takes the answers of all connections with it, and is
// given another chance.
func (h *health) lost() (until time.Time, stop bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.losses++
	now := h.clock()
	if h.losses < lossesToWait || now.Before(h.until) {
		return time.Time{}, false
	}
	if h.losses >= lossesToPause {
		stop, h.stopped = !h.stopped, true
		return time.Time{}, stop
	}
	return h.leaveAlone(now), false
}

// isStopped reports whether the destination is left alone for good.
func (h *health) isStopped() bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.stopped
}

// left returns for how long the destination is left alone.
func (h *health) left() time.Duration {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.until.Sub(h.clock())
}

// unremarkable reports whether there is nothing to remember.
func (h *health) unremarkable() bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	return !h.stopped && h.waits == 0 && h.failures == 0 && h.failing.IsZero() && !h.until.After(h.clock())
}

// leaveAlone sets and returns the time of the next try: one second from now, or
// more where there are others, and twice as long each time in a row.
func (h *health) leaveAlone(now time.Time) time.Time {
	first := firstWait
	if h.apart && !h.retry.NoWait {
		first = firstWaitApart
	}
	d := maxWait
	if h.waits < 16 {
		d = min(first<<h.waits, maxWait)
	}
	h.waits++
	h.until = now.Add(d)
	return h.until
}
