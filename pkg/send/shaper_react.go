package send

import (
	"time"

	"github.com/mailctl/mailctl/pkg/delivery"
)

// A complaint is a reply that says that something is too much, or not wanted.
type complaint struct {
	reply   delivery.Reply
	verdict delivery.Verdict
	used    int // messages that were handed over on the connection

	stage    delivery.Stage
	host, ip string
}

// complaintOf returns what an attempt says about pace, over a connection that
// carried some messages.
func complaintOf(a *delivery.Attempt, used int) complaint {
	return complaint{reply: a.Reply, verdict: a.Verdict, used: used, stage: a.Stage, host: a.Host, ip: a.IP}
}

// complained does what the receiver's reactions ask for. It reports whether the
// reply is about pace or standing, so that it judges nobody who was written to.
func (s *shaper) complained(now time.Time, c complaint) (events []Event, throttled bool) {
	if aboutRecipient(c) {
		return nil, false
	}
	if s.full(c) || s.alike(c) {
		return s.learnMessages(c), true
	}
	if e, refusesAll := s.refused(now, c); refusesAll {
		return []Event{e}, false
	}
	throttled = isThrottling(c)
	if c.verdict.Reason == delivery.ReasonTooManyConnections && s.conns != 1 {
		return s.fewer(now, c), throttled
	}
	for i := range s.shape.Reactions {
		reaction := &s.shape.Reactions[i]
		if reaction.Fits(c.reply, c.verdict) && s.counted(now, i, reaction) {
			return s.react(now, reaction, c), throttled
		}
	}
	return nil, throttled
}

// refused counts refusals for good in a row that are not the recipients' fault.
// It reports whether there are so many that everyone would be refused.
func (s *shaper) refused(now time.Time, c complaint) (Event, bool) {
	if !s.apart || c.verdict.Class != delivery.ClassPermanent || c.verdict.Scope == delivery.ScopeRecipient {
		return Event{}, false
	}
	s.refusals++
	if s.refusals < refusalsToPause || s.stopped {
		return Event{}, false
	}
	s.stopped = true
	return Event{Time: now, Kind: EventStopped, Cause: c.reply.String(), Reaction: "everyone is refused"}, true
}

// counted reports whether a reaction has been called for often enough.
func (s *shaper) counted(now time.Time, i int, r *delivery.Reaction) bool {
	if r.Times <= 1 || (r.Do == delivery.MoveSlow && r.Rate.IsZero() && s.rate > 0) {
		return true // what slowed it down once does so again at once
	}
	times := s.counts[i]
	times = append(times, now)
	for len(times) > 0 && now.Sub(times[0]) > r.Within {
		times = times[1:]
	}
	if len(times) >= r.Times {
		delete(s.counts, i)
		return true
	}
	s.counts[i] = times
	return false
}

// react makes a move.
func (s *shaper) react(now time.Time, r *delivery.Reaction, c complaint) []Event {
	e := Event{Time: now, Cause: c.reply.String(), Reaction: r.Name}
	switch r.Do {
	case delivery.MoveStop:
		if s.stopped {
			return nil
		}
		s.stopped = true
		e.Kind = EventStopped
	case delivery.MovePause:
		if now.Before(s.paused) {
			return nil
		}
		s.pause(now, now.Add(r.For))
		e.Kind, e.Until = EventWaiting, s.paused
	case delivery.MoveOne:
		if s.conns == 1 && now.Before(s.heldConns) && now.Before(s.heldRate) {
			return nil
		}
		s.conns, s.heldConns = 1, now.Add(r.For)
		s.slow(now, r)
		s.told = s.rate
		e.Kind, e.Connections, e.Rate = EventFewer, 1, s.rate
	default:
		if !s.slow(now, r) {
			return nil
		}
		s.told = s.rate
		e.Kind, e.Rate = EventSlower, s.rate
	}
	return []Event{e}
}

// pause lets nothing start until a time, and opens again with little.
func (s *shaper) pause(now, until time.Time) {
	s.paused, s.resuming = until, true
	s.rate = max(opensWith*s.taken.rate(now), 1)
	s.told, s.ceiling, s.cut, s.raised = s.rate, 0, until, until
	if s.conns > 0 {
		s.conns = 1
	}
}

// slow cuts the rate, and reports whether it did.
func (s *shaper) slow(now time.Time, r *delivery.Reaction) bool {
	if !r.Rate.IsZero() {
		to := perSecond(r.Rate)
		if s.rate > 0 && s.rate <= to && now.Before(s.heldRate) {
			return false
		}
		s.rate, s.ceiling, s.cut, s.raised = to, 0, now, now.Add(r.For)
		s.heldRate = now.Add(r.For)
		s.next = now.Add(time.Duration(float64(time.Second) / to))
		return true
	}
	if now.Before(s.heldRate) || (!s.cut.IsZero() && now.Sub(s.cut) < cutGuard) {
		return false
	}
	taken := s.taken.rate(now)
	pause := time.Duration(0)
	switch {
	case s.rate <= 0:
		s.rate = cutTo * taken
		// What was too much already counts at the receiver: it is made good for first.
		s.guess, pause = true, cutGuard
	default:
		s.guess = false
		if s.ceiling > 0 && s.rate > nearTop*s.ceiling {
			s.probeAfter = min(2*s.probeAfter, probeMost) // the step beyond it failed
		}
		s.ceiling = s.rate
		s.rate = max(cutAtMost*s.rate, cutTo*min(s.rate, taken))
	}
	s.rate = max(s.rate, minRate)
	s.cut, s.raised = now, now
	s.next = now.Add(max(pause, time.Duration(float64(time.Second)/s.rate)))
	return true
}

// fewer allows one connection less.
func (s *shaper) fewer(now time.Time, c complaint) []Event {
	if s.conns <= 1 || now.Before(s.heldConns.Add(cutGuard-fewerFor)) {
		return nil
	}
	s.conns--
	s.heldConns = now.Add(fewerFor)
	return []Event{{Kind: EventFewer, Connections: s.conns, Cause: c.reply.String()}}
}
