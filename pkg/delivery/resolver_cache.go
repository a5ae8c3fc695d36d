package delivery

import (
	"sync"
	"time"

	"github.com/miekg/dns"
)

const (
	// unknownFor is how long nobody asks again what could not be told: long enough
	// for a single check not to wait for the same dead server twice.
	unknownFor = 5 * time.Second
	// keepAtMost bounds the TTL of what is kept (RFC 2308 §5 has 3 hours for
	// absences, RFC 8767 §4 a week for records).
	keepAtMost = 3 * time.Hour
)

// An answerCache keeps answers until they expire or until there are too many: it
// has two generations, and when the younger is full the older is dropped.
type answerCache struct {
	now   func() time.Time
	limit int // octets of one generation; none are kept when it is not positive

	mu         sync.Mutex
	young, old map[Question]cachedAnswer
	octets     int // of young
}

type cachedAnswer struct {
	answer  Answer
	expires time.Time
}

func newAnswerCache(octets int, now func() time.Time) *answerCache {
	return &answerCache{now: now, limit: octets / 2, young: make(map[Question]cachedAnswer)}
}

func (c *answerCache) get(q Question) (Answer, bool) {
	if c.limit <= 0 {
		return Answer{}, false
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	entry, ok := c.young[q]
	if !ok {
		entry, ok = c.old[q]
	}
	if !ok || !c.now().Before(entry.expires) {
		return Answer{}, false
	}
	return entry.answer, true
}

func (c *answerCache) put(q Question, a Answer) {
	ttl := min(a.TTL, keepAtMost)
	if a.Unknown() {
		ttl = unknownFor
	}
	if c.limit <= 0 || ttl <= 0 || a.Cause == CauseCanceled {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.octets >= c.limit {
		c.old, c.young, c.octets = c.young, make(map[Question]cachedAnswer), 0
	}
	c.young[q] = cachedAnswer{answer: a, expires: c.now().Add(ttl)}
	c.octets += octetsOf(a)
}

// octetsOf estimates the memory of an answer.
func octetsOf(a Answer) int {
	const each = 200
	n := each + len(a.Name) + len(a.Chain)*each
	for _, rr := range a.Records {
		n += each + 2*dns.Len(rr)
	}
	return n
}
