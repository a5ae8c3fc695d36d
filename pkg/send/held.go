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
func (d *destination) hold(it *item, a *delivery.Attempt) {
	d.run.void(it)
	d.mu.Lock()
	d.held = append(d.held, held{it, a})
	d.mu.Unlock()
	d.wake()
}

// refusedAll reports whether everyone who was tried in this campaign was refused
// for a cause that is not theirs. Then the campaign pauses, and they stay
// untried.
func (d *destination) refusedAll() bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	if len(d.held) == 0 || d.run.opt.Delivered > 0 {
		return false
	}
	last := d.held[len(d.held)-1].attempt
	d.run.stop(d.refusal(last))
	return true
}

// refusal is the pause that a refusal of everyone leads to.
func (d *destination) refusal(a *delivery.Attempt) *Paused {
	p := &Paused{Reason: PauseRefused, Destination: d.key, Reply: a.Reply, Verdict: a.Verdict}
	if a.Err != "" {
		p.Err = errors.New(a.Err)
	}
	return p
}

// settleHeld records the attempts that were held back, and reports whether
// there were any.
func (d *destination) settleHeld() bool {
	d.mu.Lock()
	all := d.held
	d.held = nil
	d.mu.Unlock()
	for _, h := range all {
		d.run.record(h.it, h.attempt)
	}
	return len(all) > 0
}
