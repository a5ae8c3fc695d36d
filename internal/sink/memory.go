package sink

import (
	"math"
	"sync"
	"time"
)

// forgetAfter is how long a recipient that never came back is kept when room is
// needed.
const forgetAfter = time.Hour

// attempts remembers when each key was first seen and how often, for a limited
// number of keys. It is safe for concurrent use.
type attempts struct {
	mu    sync.Mutex
	limit int
	index map[uint64]int // key → slot
	slots []attempt      // in order of arrival, then a ring
	next  int            // the oldest slot, once all are in use
}

// attempt is what is known of one key.
type attempt struct {
	key         uint64
	first, last int64 // in nanoseconds since 1970
	count       int32
	passed      bool // the rule no longer held at the last visit
}

func newAttempts(limit int) *attempts {
	return &attempts{limit: limit, index: make(map[uint64]int)}
}

// visit counts one more attempt for the key and asks whether the rule still
// holds, given the number of this attempt (from 1) and the time since the first.
// When there is no room for a new key the rule does not hold: what cannot be
// remembered must not be refused for ever.
func (a *attempts) visit(key uint64, now time.Time, holds func(number int, since time.Duration) bool) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	slot, known := a.index[key]
	if !known {
		var ok bool
		if slot, ok = a.room(now); !ok {
			return false
		}
		a.index[key] = slot
		a.slots[slot] = attempt{key: key, first: now.UnixNano()}
	}
	t := &a.slots[slot]
	if t.count < math.MaxInt32 {
		t.count++
	}
	t.last = now.UnixNano()
	t.passed = !holds(int(t.count), time.Duration(t.last-t.first))
	return !t.passed
}

// room returns a slot for a new key: a fresh one, or the oldest when it may be
// forgotten.
func (a *attempts) room(now time.Time) (slot int, ok bool) {
	if len(a.slots) < a.limit {
		a.slots = append(a.slots, attempt{})
		return len(a.slots) - 1, true
	}
	oldest := a.slots[a.next]
	if !oldest.passed && time.Duration(now.UnixNano()-oldest.last) < forgetAfter {
		return 0, false
	}
	delete(a.index, oldest.key)
	slot = a.next
	a.next = (a.next + 1) % a.limit
	return slot, true
}

// recent is a set of the latest keys, for a limited number of them. It is safe
// for concurrent use.
type recent struct {
	mu    sync.Mutex
	limit int
	keys  map[uint64]struct{}
	ring  []uint64
	next  int
}

func newRecent(limit int) *recent {
	return &recent{limit: limit, keys: make(map[uint64]struct{})}
}

// add puts a key into the set and reports whether it was there already.
func (r *recent) add(key uint64) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if _, known := r.keys[key]; known {
		return true
	}
	if len(r.ring) < r.limit {
		r.ring = append(r.ring, key)
	} else {
		delete(r.keys, r.ring[r.next])
		r.ring[r.next] = key
		r.next = (r.next + 1) % r.limit
	}
	r.keys[key] = struct{}{}
	return false
}
