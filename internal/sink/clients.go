package sink

import (
	"math"
	"sync"
	"time"

	"github.com/mailctl/mailctl/pkg/delivery"
)

// A receiver is what a personality remembers of clients, and how that changes:
// the key "receiver". A nil receiver remembers nothing.
//
// It is a model. What it takes from a client in a day is the larger of two
// numbers: what it takes from one it does not know, and a multiple of what it
// usually gets from it. How large a multiple hangs on the client's reputation,
// which rises with every day of welcome mail and falls with mail that is not.
type receiver struct {
	reputation float64 // of a client never seen, from 0 to 1
	volume     int     // messages a day it takes from such a client
	growth     float64 // with the best reputation, a day may have so many times the usual
	hour       float64 // part of a day's messages that may come within an hour
	gain       float64 // what a good day adds, of what is missing to the best reputation
	loss       float64 // what a bad day takes, of the reputation
	complaints float64 // part of the recipients that complain
}

// The shares above which a day is not a good one (the published ones of Amazon SES
// and Google), and the numbers below which they are chance.
const (
	deadSome, deadMany             = 0.02, 0.05
	complaintsSome, complaintsMany = 0.001, 0.003
	leastDead, leastComplaints     = 3, 2
	// Of the hours in which a client sent, those in which it was over a limit.
	oversSome, oversMany = 0.25, 0.5
	// usualWeight is how much a day counts in what is usual, idleDay what a day
	// without mail leaves of that: a month leaves almost nothing.
	usualWeight, idleDay = 0.5, 0.9
)

// A client is what is remembered of one address.
type client struct {
	reputation float64
	usual      float64 // messages a day

	day, hour        int64 // the present ones, since 1970
	today, thisHour  int   // messages taken
	begun            int   // transactions that may still bring one
	dead, complained int   // today
	hours, overs     int   // today: hours with mail, and those over a limit
	active, over     bool  // whether this hour is among them
	held             map[*rule]time.Time
}

// clients remembers clients. It is safe for concurrent use.
type clients struct {
	receiver *receiver
	limit    int

	mu    sync.Mutex
	known map[string]*client
}

func newClients(r *receiver, limit int) *clients {
	return &clients{receiver: r, limit: limit, known: make(map[string]*client)}
}

// of returns what is known of an address at a time. Addresses for which there is
// no room are all the same client. The lock is held.
func (c *clients) of(ip string, now time.Time) *client {
	if c.known[ip] == nil && len(c.known) >= c.limit {
		ip = ""
	}
	known := c.known[ip]
	if known == nil {
		known = &client{reputation: c.receiver.reputation, held: make(map[*rule]time.Time)}
		known.day, known.hour = dayOf(now), hourOf(now)
		c.known[ip] = known
	}
	c.receiver.advance(known, dayOf(now), hourOf(now))
	return known
}

func hourOf(t time.Time) int64 { return floorDiv(t.Unix(), 3600) }
func dayOf(t time.Time) int64  { return floorDiv(t.Unix(), 86400) }

func floorDiv(n, d int64) int64 { return int64(math.Floor(float64(n) / float64(d))) }

// advance ends the hours and days that have passed.
func (r *receiver) advance(c *client, day, hour int64) {
	if hour <= c.hour {
		return // also when the clock went back
	}
	if c.active {
		c.hours++
	}
	if c.over {
		c.overs++
	}
	c.hour, c.thisHour, c.active, c.over = hour, 0, false, false
	if day <= c.day {
		return
	}
	r.endDay(c)
	idle := day - c.day - 1
	c.usual *= math.Pow(idleDay, float64(idle))
	c.day, c.today, c.dead, c.complained, c.hours, c.overs = day, 0, 0, 0, 0, 0
}

// endDay draws the conclusions of a day.
func (r *receiver) endDay(c *client) {
	if c.hours == 0 {
		c.usual *= idleDay
		return
	}
	c.usual = usualWeight*float64(c.today) + (1-usualWeight)*c.usual
	bad := grade(c.dead, c.today+c.dead, leastDead, deadSome, deadMany) +
		grade(c.complained, c.today, leastComplaints, complaintsSome, complaintsMany) +
		grade(c.overs, c.hours, 1, oversSome, oversMany)
	if bad == 0 {
		c.reputation += r.gain * (1 - c.reputation)
		return
	}
	c.reputation *= max(0, 1-r.loss*bad)
}

// grade returns how bad a share is: 0, a third or 1.
func grade(part, whole, least int, some, many float64) float64 {
	share := float64(part) / max(float64(whole), 1)
	switch {
	case part < least || share < some:
		return 0
	case share < many:
		return 1.0 / 3
	default:
		return 1
	}
}

// takes returns how many messages a client may send in a day.
func (r *receiver) takes(c *client) float64 {
	stranger := float64(r.volume) * min(1, c.reputation/r.reputation)
	return max(stranger, c.usual*(1+(r.growth-1)*c.reputation))
}

// exceeds reports whether one more message is over a limit. Those on their way
// count, so that several connections together cannot pass it.
func (r *receiver) exceeds(c *client, limit limit) bool {
	if limit == limitDay {
		return float64(c.today+c.begun) >= r.takes(c)
	}
	return float64(c.thisHour+c.begun) >= max(1, r.takes(c)*r.hour)
}

// limit is a bound on what a client sends.
type limit string

// The limits.
const (
	limitHour limit = "hour"
	limitDay  limit = "day"
)

// applies reports whether what is remembered of a client lets a rule apply.
func (c *clients) applies(r *rule, m *moment, now time.Time) bool {
	if r.below == 0 && r.over == "" {
		return true
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	known := c.of(m.ip, now)
	if r.below > 0 && known.reputation >= r.below {
		return false
	}
	if r.over == "" || now.Before(known.held[r]) {
		return true
	}
	if !c.receiver.exceeds(known, r.over) {
		return false
	}
	known.active, known.over = true, true
	if r.hold > 0 {
		known.held[r] = now.Add(r.hold)
	}
	return true
}

// learn takes note of how a moment was decided.
func (c *clients) learn(m *moment, d decision, complaints int, now time.Time) {
	if m.stage != delivery.StageMail && m.stage != delivery.StageRcpt && m.stage != delivery.StageMessage {
		return
	}
	refused := d.refuses()
	if m.stage == delivery.StageRcpt && !refused || m.stage == delivery.StageMail && refused {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	known := c.of(m.ip, now)
	if m.stage == delivery.StageMail {
		known.begun++
		return
	}
	if m.stage == delivery.StageMessage {
		known.begun--
	}
	switch {
	case !refused:
		known.active = true
		known.today += len(m.to)
		known.thisHour += len(m.to)
		known.complained += complaints
	case d.rule.dead:
		known.active = true
		known.dead++
	}
}

// abandon is told of a transaction that was begun and brings no message.
func (c *clients) abandon(ip string, now time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.of(ip, now).begun--
}
