package delivery

import (
	"context"
	"sync"
	"time"
)

// A Limit is a true sliding limit: in no window of the rate's length are more
// messages handed over than its count.
//
// It holds as many lanes as the count. A message takes a lane, and the lane is
// free again one window after the message was handed over, so that a lane
// carries at most one message in any window and all lanes together at most the
// count. Rates by the second or minute are also spread evenly; rates by the
// hour or day are budgets that may be spent as fast as the receivers allow.
//
// A Limit may be used by several goroutines. A nil Limit limits nothing.
type Limit struct {
	now      func() time.Time
	rate     Rate
	window   time.Duration // the rate's window and a margin for what the network does to it
	interval time.Duration // between two messages; zero when they are not spread
	perLane  int           // messages of one lane

	mu    sync.Mutex
	free  []*lane       // ordered by the time they are free
	spare *lane         // taken from free and not used up
	next  time.Time     // when the next message may start
	lead  time.Duration // how long a message lately took from its start to its hand-over
	moved chan struct{} // closed and replaced when a lane comes back
	waits int           // calls of Take that wait
}

// A lane carries at most perLane messages in any window.
type lane struct {
	freeAt time.Time // when its messages may be handed over
	left   int       // messages it can still take
	open   int       // messages that took it and are not handed over
	last   time.Time // when its last message was handed over
}

const (
	maxLanes = 1 << 16 // above it a lane carries several messages, so that memory is bounded
	// catchUp is how far behind its even spacing a limit may fall and still make
	// good for it. Timers are late by about a millisecond.
	catchUp = 20 * time.Millisecond
	// maxLead bounds how early a message may be started before it can be handed
	// over, since its connection is held that long after 354.
	maxLead   = 2 * time.Second
	maxMargin = 100 * time.Millisecond
)

// NewLimit returns a limit that holds the rate by the clock now. It returns nil
// for the zero rate.
func NewLimit(rate Rate, now func() time.Time) *Limit {
	if rate.IsZero() {
		return nil
	}
	l := &Limit{now: now, rate: rate, moved: make(chan struct{})}
	l.window = rate.Per + min(rate.Per*3/100, maxMargin)
	if rate.Per <= time.Minute {
		l.interval = l.window / time.Duration(rate.Count)
	}
	l.perLane = (rate.Count + maxLanes - 1) / maxLanes
	l.free = make([]*lane, rate.Count/l.perLane)
	for i := range l.free {
		l.free[i] = &lane{left: l.perLane}
	}
	return l
}

// Rate returns what the limit holds; the zero Rate for nil.
func (l *Limit) Rate() Rate {
	if l == nil {
		return Rate{}
	}
	return l.rate
}

// Seed counts messages that were handed over before the limit existed, oldest
// first, so that a limit holds across a restart. It must be called before the
// first [Limit.Take].
func (l *Limit) Seed(handedOver []time.Time) {
	if l == nil {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	lanes := l.free
	used := min((len(handedOver)+l.perLane-1)/l.perLane, len(lanes))
	for i := range used {
		// The lane's newest message decides; the newest lanes go last.
		newest := len(handedOver) - 1 - (used-1-i)*l.perLane
		lanes[i].freeAt = handedOver[newest].Add(l.window)
	}
	l.free = append(append([]*lane{}, lanes[used:]...), lanes[:used]...)
}

// Take waits for room and takes it. Every slot must be given to
// [Slot.HandedOver] or [Slot.Cancel]. The error is the context's.
func (l *Limit) Take(ctx context.Context) (Slot, error) {
	slot, wait, moved := l.try()
	if wait == 0 {
		return slot, nil
	}
	l.waiting(1)
	defer l.waiting(-1)
	for wait != 0 {
		if err := waitFor(ctx, wait, moved); err != nil {
			return Slot{}, err
		}
		slot, wait, moved = l.try()
	}
	return slot, nil
}

// waiting counts who waits in [Limit.Take].
func (l *Limit) waiting(n int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.waits += n
}

// Next returns when there is room for the message that waits in [Limit.Take].
// It is zero when none does, and while that hangs on messages under way.
func (l *Limit) Next() time.Time {
	if l == nil {
		return time.Time{}
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	now := l.now()
	wait := l.waitLocked(now)
	if l.waits == 0 || wait < 0 {
		return time.Time{}
	}
	return now.Add(wait)
}

// TryTake takes room if there is some now, and reports whether there was.
func (l *Limit) TryTake() (Slot, bool) {
	slot, wait, _ := l.try()
	return slot, wait == 0
}

// try takes room, or returns how long to wait before asking again; a negative
// wait is for as long as no lane comes back.
func (l *Limit) try() (Slot, time.Duration, <-chan struct{}) {
	if l == nil {
		return Slot{}, 0, nil
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	now := l.now()
	if wait := l.waitLocked(now); wait != 0 {
		return Slot{}, wait, l.moved
	}
	if l.spare == nil {
		l.spare, l.free = l.free[0], l.free[1:]
	}
	taken := l.spare
	taken.left--
	taken.open++
	if taken.left == 0 {
		l.spare = nil
	}
	if l.next.Before(now.Add(-catchUp)) {
		l.next = now.Add(-catchUp)
	}
	l.next = l.next.Add(l.interval)
	return Slot{limit: l, lane: taken, started: now}, 0, nil
}

// waitLocked returns how long there is no room; negative for as long as no lane
// comes back. l.mu is held.
func (l *Limit) waitLocked(now time.Time) time.Duration {
	if wait := l.next.Sub(now); wait > 0 {
		return wait
	}
	switch {
	case l.spare != nil:
		return 0
	case len(l.free) == 0:
		return -1
	default:
		return max(l.free[0].freeAt.Add(-l.lead).Sub(now), 0)
	}
}

// A Slot is the room for one message. The zero Slot is room that nobody limits.
type Slot struct {
	limit   *Limit
	lane    *lane
	started time.Time
}

// Wait returns when the message may be handed over: immediately but for the
// little by which messages overtook each other. The error is the context's.
func (s Slot) Wait(ctx context.Context) error {
	if s.limit == nil {
		return nil
	}
	now := s.limit.now()
	s.limit.learn(now.Sub(s.started))
	if wait := s.lane.freeAt.Sub(now); wait > 0 {
		return waitFor(ctx, wait, nil)
	}
	return nil
}

// HandedOver says that the message left just now.
func (s Slot) HandedOver() {
	if s.limit == nil {
		return
	}
	now := s.limit.now()
	s.limit.giveBack(s, func(ln *lane) { ln.last = now })
}

// Cancel gives the room back unused.
func (s Slot) Cancel() {
	if s.limit == nil {
		return
	}
	s.limit.giveBack(s, func(ln *lane) {
		ln.left++
		s.limit.next = s.limit.next.Add(-s.limit.interval)
	})
}

// learn notes how long a message took from its start until it could be handed
// over: the lead follows the slowest of late.
func (l *Limit) learn(took time.Duration) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.lead = min(max(took, l.lead-(l.lead-took)/64), maxLead)
}

// giveBack ends a slot, and frees its lane when it was the last one open.
func (l *Limit) giveBack(s Slot, end func(*lane)) {
	l.mu.Lock()
	defer l.mu.Unlock()
	ln := s.lane
	end(ln)
	ln.open--
	if ln == l.spare || ln.open > 0 {
		return
	}
	switch unused := ln.left > 0 && !ln.last.After(ln.freeAt); {
	case !unused:
		ln.freeAt, ln.left = ln.last.Add(l.window), l.perLane
		l.free = append(l.free, ln)
	case l.spare == nil: // as it was taken from the front, so that giving back costs nothing
		l.spare = ln
	default:
		l.free = append([]*lane{ln}, l.free...)
	}
	close(l.moved)
	l.moved = make(chan struct{})
}

// waitFor waits for a time, for a signal or for the end of the context. A
// negative time has no end.
func waitFor(ctx context.Context, d time.Duration, signal <-chan struct{}) error {
	var expired <-chan time.Time
	if d >= 0 {
		timer := time.NewTimer(d)
		defer timer.Stop()
		expired = timer.C
	}
	select {
	case <-expired:
		return nil
	case <-signal:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}
