package send

import (
	"container/heap"
	"math"
	"time"
)

// A rest is how the work on a destination ended for now.
type rest struct {
	key   string
	until time.Time // when it goes on; zero is never
	next  []string  // other destinations that go on at once
}

// feedAll works on all destinations, a bounded number of them at once. One that
// has nothing to do for a while rests and holds no goroutine.
func (r *run) feedAll(keys []string) {
	ended := make(chan rest)
	ready, active := keys, 0
	var resting rests
	var idleUntil time.Time
	for {
		for len(ready) > 0 && active < r.mostActive() {
			key := ready[0]
			ready = ready[1:]
			active++
			go func() { ended <- r.feed(key) }()
		}
		if active == 0 && len(resting) == 0 {
			return
		}
		if active == 0 && !resting[0].until.Equal(idleUntil) {
			idleUntil = resting[0].until
			r.tell(Event{Kind: EventIdle, Destination: resting[0].key, Until: idleUntil})
		}
		timer := resting.timer(r.opt.Clock())
		select {
		case <-r.sized: // more may be worked on
			r.sized = nil
		case at := <-ended:
			active--
			ready = append(ready, at.next...)
			if !at.until.IsZero() {
				heap.Push(&resting, at)
			}
		case <-timer:
			ready = append(ready, heap.Pop(&resting).(rest).key)
		case <-r.soft.Done():
			for ; active > 0; active-- {
				<-ended
			}
			return
		}
	}
}

// firstActive is how many destinations are worked on until the size of the
// messages is known.
const firstActive = 16

// mostActive returns how many destinations may be worked on at once: less when
// messages are large, since each has some waiting.
func (r *run) mostActive() int {
	if !r.apart() {
		return math.MaxInt
	}
	size := int(r.largest.Load())
	if size == 0 {
		return min(firstActive, r.opt.Active)
	}
	return min(r.opt.Active, max(allBytes/(minQueue*size), firstActive))
}

// queueBytes returns how much of rendered messages one queue may hold.
func (r *run) queueBytes() int {
	if !r.apart() {
		return queueBytes
	}
	return allBytes / r.opt.Active
}

// rendered notes the size of a message.
func (r *run) rendered(size int) {
	for {
		largest := r.largest.Load()
		if int64(size) <= largest {
			return
		}
		if r.largest.CompareAndSwap(largest, int64(size)) {
			break
		}
	}
	r.onceSized.Do(func() { close(r.sizedNow) })
}

// rests are those who rest, the first to go on first.
type rests []rest

func (h rests) Len() int           { return len(h) }
func (h rests) Less(i, j int) bool { return h[i].until.Before(h[j].until) }
func (h rests) Swap(i, j int)      { h[i], h[j] = h[j], h[i] }
func (h *rests) Push(x any)        { *h = append(*h, x.(rest)) }

func (h *rests) Pop() any {
	last := (*h)[len(*h)-1]
	*h = (*h)[:len(*h)-1]
	return last
}

// timer fires when the first of them goes on; nil, which never does, when there
// is none.
func (h rests) timer(now time.Time) <-chan time.Time {
	if len(h) == 0 {
		return nil
	}
	return time.After(max(h[0].until.Sub(now), 0))
}
