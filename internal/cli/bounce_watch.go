package cli

import (
	"sync/atomic"
	"time"

	"github.com/mailctl/mailctl/internal/ui"
)

// bounceProgress counts what was read so far, for the line of progress.
type bounceProgress struct {
	messages, octets, bounces atomic.Int64
}

// watch shows progress, unless what is found runs down the same screen.
func (r *bounceRun) watch() (stop func()) {
	if _, shown := r.env.Terminal(r.env.Stdout); shown && r.s.Out == "" {
		return func() {}
	}
	begun := r.env.Now()
	return r.console.watchLine(func(now time.Time) string {
		p := &r.progress
		return ui.BounceProgress(p.messages.Load(), p.octets.Load(), p.bounces.Load(), now.Sub(begun))
	})
}
