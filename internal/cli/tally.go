package cli

import (
	"context"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/mailctl/mailctl/internal/ui"
	"github.com/mailctl/mailctl/pkg/finding"
)

// longList is from how many things on progress is shown.
const longList = 10

// A tally is what a run over a list of things comes to, such as domains that are
// checked or servers that are probed.
type tally struct {
	env     Environment
	s       settings
	console *console
	noun    string // what one of the things is called
	total   int
	bad     bool
	unknown bool
	done    atomic.Int64
}

// progress shows how far a long list is, unless the results themselves run down
// the screen.
func (t *tally) progress() (stop func()) {
	_, shown := t.env.Terminal(t.env.Stdout)
	if t.total < longList || shown && t.s.Out == "" {
		return func() {}
	}
	begun := t.env.Now()
	return t.console.watchLine(func(now time.Time) string {
		done := int(t.done.Load())
		return fmt.Sprintf("%s/%s %ss  %s", ui.Count(done), ui.Count(t.total), t.noun, ui.Rate(done, now.Sub(begun)))
	})
}

// judge adds what was found to what the run comes to.
func (t *tally) judge(failOn finding.Severity, found []finding.Finding) {
	switch finding.FailOn(failOn, found) {
	case finding.OutcomeBad:
		t.bad = true
	case finding.OutcomeUnknown:
		t.unknown = true
	case finding.OutcomeGood:
	}
}

// interrupted returns err, or that the run was interrupted, if it was.
func (t *tally) interrupted(ctx context.Context, err error) error {
	if ctx.Err() == nil {
		return err
	}
	return interruption(fmt.Sprintf("interrupted after %s of %s", ui.Count(int(t.done.Load())), ui.Plural(t.total, t.noun)))
}

// exit returns the exit code as an error, or nil.
func (t *tally) exit() error {
	switch {
	case t.bad:
		return exitWith(exitWrong, nil)
	case t.unknown:
		return exitWith(exitUnfinished, nil)
	}
	return nil
}
