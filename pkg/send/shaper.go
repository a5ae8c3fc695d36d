package send

import (
	"math"
	"time"

	"github.com/mailctl/mailctl/pkg/delivery"
)

// A shaper decides how much at a time a receiver is given: it starts small,
// grows while that helps, and does what the receiver's reactions ask for when it
// complains. It knows no clock but the times it is told, and no goroutine.
//
// The rate follows AIMD: a complaint cuts it to a little below what was taken
// lately, and success raises it by steps, ever more slowly where a complaint is
// to be expected.
type shaper struct {
	shape delivery.Shape
	most  int  // connections; 0 is no limit
	apart bool // one receiver of many, which can be stopped alone

	conns      int       // allowed now; 0 is no limit
	heldConns  time.Time // not more until then
	messages   int       // over one connection; 0 is no limit
	closedAt   int       // how many messages the connection had carried that was closed last
	closings   int       // in a row that were closed after as many
	rate       float64   // messages a second; 0 is no limit
	ceiling    float64   // the rate at which the last complaint came; 0 is not known
	heldRate   time.Time // not faster until then
	cut        time.Time // when the rate was last cut
	raised     time.Time // when it was last raised
	guess      bool      // the rate is what was taken before the first complaint
	probeAfter time.Duration
	next       time.Time // when the next message may start
	paused     time.Time // nothing may start until then
	resuming   bool      // paused, and nothing was accepted since
	stopped    bool
	refusals   int     // for good and not for the recipients' sake, in a row
	told       float64 // the rate that was last told

	taken  meter               // what was accepted
	growth growth              // of connections
	counts map[int][]time.Time // of replies that fit a reaction, by its place
}

// The constants of the rate.
const (
	minRate    = 1.0 / 60              // messages a second
	cutTo      = 0.9                   // of what was taken
	cutAtMost  = 0.8                   // of the present rate
	cutGuard   = time.Second           // complaints about what left before a cut do not cut again
	climbFresh = 0.15                  // a second, while no ceiling is known
	climb      = 0.05                  // a second, up to near the ceiling
	nearTop    = 0.95                  // of the ceiling
	probe      = 0.02                  // a second, beyond it
	probeFirst = 10 * time.Second      // before the first step beyond it
	probeMost  = 5 * time.Minute       // and at most, doubling with each that failed
	aheadBy    = 20 * time.Millisecond // what may be made good for when a timer was late
	freeFrom   = 1.9                   // times what is taken: then the rate limits nothing
	firstConns = 2
	opensWith  = 0.25 // of what was taken before a pause
	// complaintsToLearn is how many messages a connection must have carried to be
	// called full by a reply that speaks of messages per connection.
	complaintsToLearn = 1
	// closingsToLearn is how many connections in a row must be closed after the same
	// number of messages for that number to be the most that one may carry. They are
	// more than are usually at work together, which can come to the same by chance.
	closingsToLearn = 20
)

func newShaper(shape delivery.Shape, most int) *shaper {
	s := &shaper{shape: shape, messages: shape.Messages, probeAfter: probeFirst, counts: map[int][]time.Time{}}
	if shape.Connections > 0 {
		if most == 0 || shape.Connections < most {
			most = shape.Connections
		}
		s.most, s.conns = most, min(firstConns, most)
	}
	if !shape.Rate.IsZero() {
		s.rate = perSecond(shape.Rate)
		s.ceiling = s.rate
		s.told = s.rate
	}
	return s
}

func perSecond(r delivery.Rate) float64 { return float64(r.Count) / r.Per.Seconds() }

// wait returns how long the next message has to wait; 0 is not at all.
func (s *shaper) wait(now time.Time) time.Duration {
	until := s.paused
	if s.rate > 0 && s.next.After(until) {
		until = s.next
	}
	return max(until.Sub(now), 0)
}

// start notes that a message starts. It must not have to wait.
func (s *shaper) start(now time.Time) {
	if s.rate <= 0 {
		return
	}
	if behind := now.Add(-aheadBy); s.next.Before(behind) {
		s.next = behind
	}
	s.next = s.next.Add(time.Duration(float64(time.Second) / s.rate))
}

// accepted notes a delivery, and returns the events it leads to.
func (s *shaper) accepted(now time.Time) []Event {
	s.taken.add(now)
	s.refusals = 0
	if now.Before(s.paused) {
		return nil // it was on its way before the pause
	}
	var events []Event
	if s.resuming {
		s.resuming = false
		events = append(events, Event{Kind: EventResumed})
	}
	if s.guess && now.Sub(s.cut) < cutGuard {
		s.rate = max(s.rate, cutTo*s.taken.rate(now)) // it was on its way before the complaint
		s.told = s.rate
	}
	s.raise(now)
	if s.rate > 0 && s.rate >= 1.5*s.told {
		s.told = s.rate
		events = append(events, Event{Kind: EventFaster, Rate: s.rate})
	}
	if s.free(now) {
		s.rate, s.ceiling, s.probeAfter, s.told = 0, 0, probeFirst, 0
		events = append(events, Event{Kind: EventFree})
	}
	if n, grown := s.grow(now); grown {
		events = append(events, Event{Kind: EventMore, Connections: n})
	}
	return events
}

// raise lets the rate grow by a step for the time since the last one.
func (s *shaper) raise(now time.Time) {
	since := min(now.Sub(s.raised), 10*time.Second).Seconds()
	if s.rate <= 0 || since <= 0 || now.Before(s.heldRate) {
		return
	}
	s.raised = now
	if s.rate > 2*s.taken.rate(now) && s.rate > 1 {
		return // the rate is not what limits
	}
	top := s.ceiling * nearTop
	switch {
	case s.ceiling == 0:
		s.rate *= math.Pow(1+climbFresh, since)
	case s.rate < top:
		s.rate = min(s.rate*math.Pow(1+climb, since), top)
	case now.Sub(s.cut) < s.probeAfter:
	case s.limited():
		s.rate = min(s.rate*math.Pow(1+probe, since), perSecond(s.shape.Rate))
	default:
		s.rate *= math.Pow(1+probe, since)
		if s.rate > 1.5*s.ceiling {
			s.ceiling, s.probeAfter = 0, probeFirst // what was in the way is gone
		}
	}
}

// unremarkable reports whether there is nothing to remember but how much helps.
func (s *shaper) unremarkable(now time.Time) bool {
	asBegun := s.rate <= 0 && s.shape.Rate.IsZero() || s.limited() && s.rate >= nearTop*perSecond(s.shape.Rate)
	return asBegun && !s.stopped && !s.resuming && s.refusals == 0 && len(s.counts) == 0 && s.messages == s.shape.Messages &&
		now.After(s.paused) && now.After(s.heldConns) && now.After(s.heldRate)
}

// limited reports whether the shape itself names the rate.
func (s *shaper) limited() bool { return !s.shape.Rate.IsZero() }

// free reports whether the rate limits nothing any more.
func (s *shaper) free(now time.Time) bool {
	return s.rate >= 2 && !s.limited() && s.ceiling == 0 && now.Sub(s.cut) > time.Minute &&
		s.rate > freeFrom*s.taken.rate(now) && !now.Before(s.heldRate)
}
