package send

import (
	"errors"

	"github.com/mailctl/mailctl/pkg/delivery"
)

// A held attempt waits for the answer to whose fault it is: a destination that
// refuses everyone pauses the campaign and its recipients stay untried.
type held struct {
	it      *item
	attempt *delivery.Attempt
}

// hold keeps back an attempt that was refused before the destination accepted
// anything.
func (s *source) hold(it *item, a *delivery.Attempt) {
	s.run.void(it)
	s.mu.Lock()
	s.held = append(s.held, held{it, a})
	s.mu.Unlock()
	s.wake()
}

// refusedAll reports whether everyone who was tried in this campaign was refused
// for a cause that is not theirs. Then the campaign pauses, and they stay
// untried.
func (s *source) refusedAll() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.held) == 0 || s.run.opt.Delivered > 0 || s.run.proven.Load() {
		return false
	}
	last := s.held[len(s.held)-1].attempt
	s.run.stop(refusal(s.key, last))
	return true
}

// refusal is the pause that a refusal of everyone leads to.
func refusal(destination string, a *delivery.Attempt) *Paused {
	p := &Paused{Reason: PauseRefused, Destination: destination, Reply: a.Reply, Verdict: a.Verdict}
	if a.Err != "" {
		p.Err = errors.New(a.Err)
	}
	return p
}

// settleHeld records the attempts that were held back, and reports whether
// there were any.
func (s *source) settleHeld() bool {
	s.mu.Lock()
	all := s.held
	s.held = nil
	s.mu.Unlock()
	for _, h := range all {
		s.run.record(h.it, h.attempt, false)
	}
	return len(all) > 0
}
