package sink

import (
	"maps"
	"sync"
)

// Stats are the totals of a [Server] since its start.
type Stats struct {
	Connections int64         `json:"connections"` // connections opened by clients
	Accepted    int64         `json:"accepted"`    // messages accepted
	Recipients  int64         `json:"recipients"`  // recipients of accepted messages
	Bytes       int64         `json:"bytes"`       // octets of accepted messages
	Duplicates  int64         `json:"duplicates"`  // accepted messages whose Message-ID had been accepted for the same recipient
	Flawed      int64         `json:"flawed"`      // accepted messages with at least one flaw
	Deferred    int64         `json:"deferred"`    // what was answered with 4yz, as far as there are [EventRefuse] events for it
	Rejected    int64         `json:"rejected"`    // the same with 5yz
	Replies     map[int]int64 `json:"replies"`     // Deferred and Rejected by reply code; never nil
	Dropped     int64         `json:"dropped"`     // connections ended by a rule without an answer
	Aborted     int64         `json:"aborted"`     // messages that ended before they were complete
}

// counters holds the running totals.
type counters struct {
	mu    sync.Mutex
	total Stats
}

// count changes the totals under the lock.
func (c *counters) count(change func(*Stats)) {
	c.mu.Lock()
	defer c.mu.Unlock()
	change(&c.total)
}

// refused counts one 4yz or 5yz reply.
func (c *counters) refused(code int) {
	c.count(func(t *Stats) {
		if code < 500 {
			t.Deferred++
		} else {
			t.Rejected++
		}
		if t.Replies == nil {
			t.Replies = make(map[int]int64)
		}
		t.Replies[code]++
	})
}

// accepted counts a message.
func (c *counters) accepted(e *Event) {
	c.count(func(t *Stats) {
		t.Accepted++
		t.Recipients += int64(len(e.To))
		t.Bytes += e.Size
		if e.Duplicate {
			t.Duplicates++
		}
		if len(e.Flaws) > 0 {
			t.Flawed++
		}
	})
}

// snapshot returns a copy that no longer changes.
func (c *counters) snapshot() Stats {
	c.mu.Lock()
	defer c.mu.Unlock()
	s := c.total
	s.Replies = make(map[int]int64, len(c.total.Replies))
	maps.Copy(s.Replies, c.total.Replies)
	return s
}
