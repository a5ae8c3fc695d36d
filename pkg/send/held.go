package send

import (
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
