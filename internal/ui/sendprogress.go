package ui

import (
	"fmt"
	"strings"
	"sync"
	"time"
)

// SendCounts counts outcomes while a mailing runs. It may be used by several
// goroutines.
type SendCounts struct {
	Style Style
	Waits func(now time.Time) string // says which limit mail waits for, if one; nil for never
	// Least returns how long limits make it take for so many to be sent to; nil when
	// there are none. It is asked for no fewer than one.
	Least func(left int) time.Duration

	mu      sync.Mutex
	total   int
	settled map[string]int // by outcome; a deferred recipient is counted once
	note    string
	recent  [20]sample // a ring of one sample a quarter second
	newest  int
}

type sample struct {
	at   time.Time
	done int
}

const sampleEvery = 250 * time.Millisecond

// Start sets how many recipients there are and how many are settled already.
func (c *SendCounts) Start(total int, settled map[string]int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.total, c.settled = total, settled
}

// Add counts one attempt: the outcome it ended in and the one it replaces, ""
// for a first attempt.
func (c *SendCounts) Add(outcome, before string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if before != "" {
		c.settled[before]--
	}
	c.settled[outcome]++
}

// Note shows why mail waits; "" takes the note back.
func (c *SendCounts) Note(text string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.note = text
}

// Line returns the line of progress.
func (c *SendCounts) Line(now time.Time) string {
	c.mu.Lock()
	defer c.mu.Unlock()
	done := 0
	for outcome, n := range c.settled {
		if outcome != "deferred" {
			done += n
		}
	}
	rate := c.rate(now, done)
	parts := []string{fmt.Sprintf("%s/%s", Count(done), Count(c.total)), percent(done, c.total)}
	if c.Waits != nil {
		if text := c.Waits(now); text != "" {
			parts = append(parts, text)
		}
	}
	switch {
	case rate >= 1:
		parts = append(parts, Count(int(rate+0.5))+"/s")
	case rate > 0:
		parts = append(parts, PerTime(rate))
	}
	if left := c.left(done, rate); left > 0 {
		parts = append(parts, Duration(left)+" left")
	}
	for _, o := range outcomes {
		if n := c.settled[o]; n > 0 && o != "suppressed" && o != "skipped" {
			parts = append(parts, fmt.Sprintf("%s %s", outcomeText(c.Style, o), Count(n)))
		}
	}
	if c.note != "" {
		parts = append(parts, c.Style.Warn(c.note))
	}
	return strings.Join(parts, "  ")
}

// left returns how long it will take, by the last few seconds and by the limits; 0
// when neither tells.
func (c *SendCounts) left(done int, rate float64) (wait time.Duration) {
	n := c.total - done
	if n <= 0 {
		return 0
	}
	if rate > 0 {
		wait = time.Duration(float64(n) / rate * float64(time.Second))
	}
	if c.Least != nil {
		wait = max(wait, c.Least(n))
	}
	return wait
}

// rate returns how many a second were settled over the last few seconds.
func (c *SendCounts) rate(now time.Time, done int) float64 {
	if newest := c.recent[c.newest]; newest.at.IsZero() || now.Sub(newest.at) >= sampleEvery {
		c.newest = (c.newest + 1) % len(c.recent)
		c.recent[c.newest] = sample{now, done}
	}
	for i := 1; i < len(c.recent); i++ {
		oldest := c.recent[(c.newest+i)%len(c.recent)]
		if span := now.Sub(oldest.at); !oldest.at.IsZero() && span > 0 {
			return float64(done-oldest.done) / span.Seconds()
		}
	}
	return 0
}

func percent(n, of int) string {
	if of == 0 {
		return "100 %"
	}
	return fmt.Sprintf("%d %%", n*100/of)
}
