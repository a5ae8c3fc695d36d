package cli

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/mailctl/mailctl/internal/ui"
	"github.com/mailctl/mailctl/pkg/delivery"
	"github.com/mailctl/mailctl/pkg/send"
)

// attempt returns what is done with each attempt.
func (r *running) attempt(out *output, lines *sync.Mutex) func(send.Recipient, delivery.Attempt) {
	return func(to send.Recipient, a delivery.Attempt) {
		before := ""
		if to.Attempts > 0 {
			before = string(delivery.OutcomeDeferred)
		}
		r.counts.Add(string(a.Outcome), before)
		if a.Outcome == delivery.OutcomeDelivered {
			r.counts.Note("")
		}
		if r.s.Format == "jsonl" {
			lines.Lock()
			defer lines.Unlock()
			// An error of writing shows when the output is flushed.
			_ = ui.WriteAttempt(out, r.campaign.Name(), to.Row, label(a.Recipient.Domain), a)
			_ = out.Flush()
		}
	}
}

// event returns what shows and keeps why mail waits.
func (r *running) event(out *output, lines *sync.Mutex) func(send.Event) {
	return func(e send.Event) {
		r.show(e)
		if err := r.campaign.NoteEvent(context.Background(), e); err != nil {
			r.console.warn(fmt.Sprintf("an event could not be kept: %v", err))
		}
		if r.s.Format == "jsonl" {
			lines.Lock()
			defer lines.Unlock()
			// An error of writing shows when the output is flushed.
			_ = ui.WriteEvent(out, r.campaign.Name(), e)
			_ = out.Flush()
		}
	}
}

// show shows why mail waits.
func (r *running) show(e send.Event) {
	switch e.Kind {
	case send.EventWaiting:
		wait := max(e.Until.Sub(e.Time), 0)
		r.counts.Note("waiting for " + e.Destination)
		if e.Reaction != "" {
			r.console.warn(ui.EventText(e))
			return
		}
		r.console.warn(fmt.Sprintf("%s: %s; next try in %s", e.Destination, ui.EventCause(e), ui.Duration(wait)))
	case send.EventIdle:
		r.counts.Note("next try at " + e.Until.Local().Format(time.TimeOnly))
	case send.EventResumed:
		r.counts.Note("")
		r.console.say(e.Destination + " accepts again")
	case send.EventFewer, send.EventSlower, send.EventShorter, send.EventStopped:
		r.console.warn(ui.EventText(e))
	case send.EventFaster, send.EventFree:
		r.console.say(ui.EventText(e))
	case send.EventMore:
		if r.s.Verbose {
			r.console.say(ui.EventText(e))
		}
	}
}
